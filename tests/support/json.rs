//! As much of JSON as the vectors of the protocols need.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// A value; a number stays the text it was.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

static NULL: Json = Json::Null;

impl Json {
    pub fn parse(text: &str) -> Json {
        value(&mut text.chars().peekable())
    }

    /// What stands under a key; null if nothing does.
    pub fn at(&self, key: &str) -> &Json {
        match self {
            Json::Map(map) => map.get(key).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) | Json::Number(text) => Some(text),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<i64> {
        self.text()?.parse().ok()
    }

    pub fn list(&self) -> &[Json] {
        match self {
            Json::List(list) => list,
            _ => &[],
        }
    }

    /// The octets of a text of hexadecimal digits.
    pub fn octets(&self) -> Option<Vec<u8>> {
        self.text().map(super::fixture::unhex)
    }
}

fn value(text: &mut Peekable<Chars<'_>>) -> Json {
    blank(text);
    match text.peek().expect("a value") {
        '{' => {
            let pairs = sequence(text, '}', |text| {
                let key = string(text);
                blank(text);
                assert_eq!(text.next(), Some(':'));
                (key, value(text))
            });
            Json::Map(pairs.into_iter().collect())
        }
        '[' => Json::List(sequence(text, ']', value)),
        '"' => Json::Text(string(text)),
        _ => {
            let mut word = String::new();
            while text.peek().is_some_and(|letter| !",]}".contains(*letter) && !letter.is_whitespace()) {
                word.extend(text.next());
            }
            match word.as_str() {
                "null" => Json::Null,
                "true" | "false" => Json::Bool(word == "true"),
                _ => Json::Number(word),
            }
        }
    }
}

fn sequence<T>(
    text: &mut Peekable<Chars<'_>>,
    end: char,
    item: impl Fn(&mut Peekable<Chars<'_>>) -> T,
) -> Vec<T> {
    let mut items = Vec::new();
    text.next();
    loop {
        blank(text);
        match text.peek().expect("an end") {
            letter if *letter == end => break,
            ',' => drop(text.next()),
            _ => items.push(item(text)),
        }
    }
    text.next();
    items
}

fn string(text: &mut Peekable<Chars<'_>>) -> String {
    let mut string = String::new();
    assert_eq!(text.next(), Some('"'));
    loop {
        match text.next().expect("a string's end") {
            '"' => return string,
            '\\' => match text.next().expect("what is escaped") {
                'n' => string.push('\n'),
                'r' => string.push('\r'),
                't' => string.push('\t'),
                'u' => {
                    let digits: String = text.by_ref().take(4).collect();
                    let code = u32::from_str_radix(&digits, 16).expect("four digits");
                    string.push(char::from_u32(code).expect("no half of a pair stands in the vectors"));
                }
                other => string.push(other),
            },
            letter => string.push(letter),
        }
    }
}

fn blank(text: &mut Peekable<Chars<'_>>) {
    while text.peek().is_some_and(|letter| letter.is_whitespace()) {
        text.next();
    }
}
