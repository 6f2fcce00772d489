//! As much of JSON as the descriptions of captures use.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    /// Its digits as they stand.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads one value.
    pub fn parse(text: &str) -> Self {
        let mut letters = text.chars().peekable();
        let value = value(&mut letters);
        skip(&mut letters);
        assert_eq!(letters.next(), None, "something behind the value");
        value
    }

    /// A member of an object; null if it is not there.
    pub fn at(&self, name: &str) -> &Json {
        match self {
            Json::Object(members) => members.get(name).unwrap_or(&Json::Null),
            _ => &Json::Null,
        }
    }

    /// The elements of a list; none of anything else.
    pub fn list(&self) -> &[Json] {
        match self {
            Json::List(elements) => elements,
            _ => &[],
        }
    }

    /// A text; empty of anything else.
    pub fn text(&self) -> &str {
        match self {
            Json::Text(text) => text,
            _ => "",
        }
    }

    /// A whole number, if it is one.
    pub fn number(&self) -> Option<i64> {
        match self {
            Json::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }
}

fn value(letters: &mut Peekable<Chars<'_>>) -> Json {
    skip(letters);
    match letters.peek().expect("a value") {
        '{' => Json::Object(members(letters)),
        '[' => Json::List(elements(letters)),
        '"' => Json::Text(text(letters)),
        _ => word(letters),
    }
}

fn skip(letters: &mut Peekable<Chars<'_>>) {
    while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
}

/// What stands between two brackets, commas between.
fn each(letters: &mut Peekable<Chars<'_>>, close: char, mut take: impl FnMut(&mut Peekable<Chars<'_>>)) {
    letters.next();
    loop {
        skip(letters);
        if letters.next_if_eq(&close).is_some() {
            return;
        }
        take(letters);
        skip(letters);
        letters.next_if_eq(&',');
    }
}

fn elements(letters: &mut Peekable<Chars<'_>>) -> Vec<Json> {
    let mut elements = Vec::new();
    each(letters, ']', |letters| elements.push(value(letters)));
    elements
}

fn members(letters: &mut Peekable<Chars<'_>>) -> BTreeMap<String, Json> {
    let mut members = BTreeMap::new();
    each(letters, '}', |letters| {
        let name = text(letters);
        skip(letters);
        assert_eq!(letters.next(), Some(':'));
        members.insert(name, value(letters));
    });
    members
}

fn text(letters: &mut Peekable<Chars<'_>>) -> String {
    assert_eq!(letters.next(), Some('"'));
    let mut text = String::new();
    loop {
        match letters.next().expect("the end of a text") {
            '"' => return text,
            '\\' => text.push(escaped(letters)),
            letter => text.push(letter),
        }
    }
}

fn escaped(letters: &mut Peekable<Chars<'_>>) -> char {
    match letters.next().expect("an escape") {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let digits: String = letters.by_ref().take(4).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap_or('?')
        }
        other => other,
    }
}

fn word(letters: &mut Peekable<Chars<'_>>) -> Json {
    let mut word = String::new();
    while let Some(letter) = letters.next_if(|letter| !letter.is_whitespace() && !",]}".contains(*letter)) {
        word.push(letter);
    }
    match word.as_str() {
        "null" => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        _ => Json::Number(word),
    }
}
