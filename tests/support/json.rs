//! Just enough of JSON to read the vectors of the protocols.

/// A value of JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Json>),
    /// Values with names.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text.
    pub fn read(text: &str) -> Json {
        let mut reader = Reader { rest: text };
        let value = reader.value();
        assert_eq!(reader.rest.trim(), "", "something behind the value");
        value
    }

    /// The value with this name; null where there is none.
    pub fn get(&self, name: &str) -> &Json {
        let Json::Object(members) = self else { return &Json::Null };
        members.iter().find(|(key, _)| key == name).map_or(&Json::Null, |(_, value)| value)
    }

    /// The text it is, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The values in it.
    pub fn list(&self) -> &[Json] {
        match self {
            Json::List(values) => values,
            _ => &[],
        }
    }

    /// The bytes that its hexadecimal digits spell.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        self.text().map(super::fixture::unhex)
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self) -> Json {
        match self.peek() {
            '{' => Json::Object(self.members('}', |reader| {
                let name = reader.string();
                reader.expect(':');
                (name, reader.value())
            })),
            '[' => Json::List(self.members(']', Reader::value)),
            '"' => Json::Text(self.string()),
            _ => self.word(),
        }
    }

    fn members<T>(&mut self, close: char, mut member: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let open = self.peek();
        self.expect(open);
        let mut members = Vec::new();
        while self.peek() != close {
            members.push(member(self));
            if self.peek() == ',' {
                self.expect(',');
            }
        }
        self.expect(close);
        members
    }

    fn word(&mut self) -> Json {
        let end = self.rest.find([',', ']', '}', ' ', '\n', '\r']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            number => Json::Number(number.into()),
        }
    }

    fn string(&mut self) -> String {
        self.expect('"');
        let mut text = String::new();
        loop {
            match self.take() {
                '"' => return text,
                '\\' => text.push(self.escaped()),
                letter => text.push(letter),
            }
        }
    }

    fn escaped(&mut self) -> char {
        match self.take() {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let (digits, rest) = self.rest.split_at(4);
                self.rest = rest;
                // The vectors hold nothing beyond the first plane.
                char::from_u32(u32::from_str_radix(digits, 16).unwrap()).unwrap()
            }
            letter => letter,
        }
    }

    fn peek(&mut self) -> char {
        self.rest = self.rest.trim_start();
        self.rest.chars().next().expect("a value")
    }

    fn expect(&mut self, expected: char) {
        assert_eq!(self.peek(), expected);
        self.take();
    }

    fn take(&mut self) -> char {
        let letter = self.rest.chars().next().expect("more text");
        self.rest = &self.rest[letter.len_utf8()..];
        letter
    }
}
