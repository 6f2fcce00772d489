//! The small, strict part of YAML that configuration files need: mappings, lists and plain text, with line numbers.

use std::fmt;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};

/// Deeper nesting is rejected.
const DEPTH: usize = 8;

/// What is wrong, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// A value and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The line, counted from 1.
    pub line: usize,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Nothing,
    Text(String),
    List(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
}

/// The value of a key in a mapping.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    pub key: &'static str,
    pub node: &'a Node,
}

/// Reads a file of one document; `None` if it contains nothing but comments.
pub fn read(text: &str) -> Result<Option<Node>, Fault> {
    let mut walk = Walk { parser: Parser::new_from_str(text.trim_start_matches('\u{feff}')) };
    let mut document = None;
    loop {
        match walk.next()? {
            (Event::StreamEnd, _) => {
                return Ok(document.filter(|node: &Node| node.content != Content::Nothing));
            }
            (Event::DocumentStart(_), line) if document.is_some() => {
                return Err(fault(line, "a second document begins here; keep only one"));
            }
            (Event::DocumentStart(_), _) => {
                let first = walk.next()?;
                document = Some(walk.node(first, DEPTH)?);
            }
            _ => {}
        }
    }
}

impl Node {
    /// The text of a value; `what` names it in the error message if it is something else.
    pub fn text(&self, what: &str) -> Result<&str, Fault> {
        match &self.content {
            Content::Text(text) => Ok(text),
            Content::Nothing => Err(self.fault(format!("{what} has no value"))),
            Content::List(_) | Content::Mapping(_) => {
                Err(self.fault(format!("{what} must be a single value")))
            }
        }
    }

    /// The elements of a list, never none.
    pub fn list(&self, what: &str) -> Result<&[Node], Fault> {
        match &self.content {
            Content::List(nodes) if !nodes.is_empty() => Ok(nodes),
            _ => Err(self.fault(format!("{what} must be a list with at least one element ('- …')"))),
        }
    }

    /// The fields of a mapping in the order of `keys`; any other key, and a repeated one, is a fault.
    pub fn mapping<const N: usize>(
        &self,
        what: &str,
        keys: [&'static str; N],
    ) -> Result<[Option<Field<'_>>; N], Fault> {
        let allowed = keys.join(", ");
        let Content::Mapping(entries) = &self.content else {
            return Err(self.fault(format!("{what} must consist of 'key: value'; allowed keys: {allowed}")));
        };
        let mut fields = [None; N];
        for (name, node) in entries {
            let text = name.text("a key")?;
            let slot = keys.iter().zip(&mut fields).find(|(key, _)| **key == text);
            let wrong = match slot {
                Some((key, field @ None)) => {
                    *field = Some(Field { key, node });
                    continue;
                }
                Some(_) => format!("key '{text}' is repeated in {what}; keep only one"),
                None => format!("unknown key '{text}' in {what}; allowed keys: {allowed}"),
            };
            return Err(name.fault(wrong));
        }
        Ok(fields)
    }

    /// A fault on the line of this value.
    pub fn fault(&self, what: impl Into<String>) -> Fault {
        fault(self.line, what)
    }
}

impl Field<'_> {
    pub fn text(&self) -> Result<&str, Fault> {
        self.node.text(&format!("'{}'", self.key))
    }

    /// Reads the text of the value; what `read` finds wrong continues a sentence that names the key and the text.
    pub fn read<T, E: fmt::Display>(&self, read: impl Fn(&str) -> Result<T, E>) -> Result<T, Fault> {
        let text = self.text()?;
        read(text).map_err(|what| self.node.fault(format!("{} '{text}' {what}", self.key)))
    }
}

struct Walk<'a> {
    parser: Parser<'a, StrInput<'a>>,
}

impl<'a> Walk<'a> {
    fn next(&mut self) -> Result<(Event<'a>, usize), Fault> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => Err(Fault::from(&error)),
            None => Ok((Event::StreamEnd, 0)),
        }
    }

    fn node(&mut self, (event, line): (Event<'a>, usize), depth: usize) -> Result<Node, Fault> {
        let depth = depth.checked_sub(1).ok_or_else(|| fault(line, "nested too deeply"))?;
        let content = match event {
            Event::Scalar(text, style, 0, None) => scalar(&text, style),
            Event::SequenceStart(0, None) => self.list(depth)?,
            Event::MappingStart(0, None) => self.mapping(depth)?,
            _ => {
                return Err(fault(
                    line,
                    "anchors (&), aliases (*) and tags (!) are not supported here; write out the value",
                ));
            }
        };
        Ok(Node { line, content })
    }

    fn list(&mut self, depth: usize) -> Result<Content, Fault> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(nodes)),
                event => nodes.push(self.node(event, depth)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Content, Fault> {
        let mut entries = Vec::new();
        loop {
            match self.next()? {
                (Event::MappingEnd, _) => return Ok(Content::Mapping(entries)),
                event => {
                    let key = self.node(event, depth)?;
                    let value = self.next()?;
                    entries.push((key, self.node(value, depth)?));
                }
            }
        }
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Content {
    match (style, text) {
        (ScalarStyle::Plain, "" | "~" | "null" | "Null" | "NULL") => Content::Nothing,
        _ => Content::Text(text.to_owned()),
    }
}

/// A fault on a line; line 0 is the file as a whole.
pub fn fault(line: usize, what: impl Into<String>) -> Fault {
    Fault { line, what: what.into() }
}

impl From<&ScanError> for Fault {
    fn from(error: &ScanError) -> Self {
        fault(error.marker().line(), format!("this is not valid YAML ({})", error.info()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> (usize, String) {
        let fault = read(text).unwrap_err();
        (fault.line, fault.what)
    }

    #[test]
    fn keeps_the_order_of_keys_and_the_line_of_each_value() {
        let node = read("# a comment\nb:\n  - x: 'null'\n    y: 1\n  - {x: z}\n").unwrap().unwrap();
        let [b] = node.mapping("the file", ["b"]).unwrap();
        let list = b.unwrap().node.list("b").unwrap();
        let [x, y] = list[0].mapping("one", ["x", "y"]).unwrap();
        assert_eq!((x.unwrap().text(), x.unwrap().node.line), (Ok("null"), 3));
        assert_eq!((y.unwrap().text(), y.unwrap().node.line), (Ok("1"), 4));
        assert_eq!(list[1].mapping("one", ["y"]).unwrap_err().line, 5);
    }

    #[test]
    fn a_file_without_values_is_no_document() {
        for text in ["", "\n\n", "# only words\n", "---\n", "---\n...\n", "~", "\u{feff}"] {
            assert_eq!(read(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn reports_the_line_and_the_allowed_keys() {
        let node = read("a: 1\nc: 2\na: 3\n").unwrap().unwrap();
        let unknown = node.mapping("a thing", ["a", "b"]).unwrap_err();
        assert_eq!(unknown, fault(2, "unknown key 'c' in a thing; allowed keys: a, b"));
        let twice = node.mapping("a thing", ["a", "c"]).unwrap_err();
        assert_eq!(twice, fault(3, "key 'a' is repeated in a thing; keep only one"));
        let node = read("a:\n").unwrap().unwrap();
        let [a, _] = node.mapping("a thing", ["a", "b"]).unwrap();
        assert_eq!(a.unwrap().text().unwrap_err(), fault(1, "'a' has no value"));
    }

    #[test]
    fn rejects_what_could_hide_or_multiply_values() {
        assert!(message("a: &x 1\nb: *x\n").1.contains("anchors"));
        assert!(message("a: !!str 1\n").1.contains("tags"));
        assert_eq!(message("a: 1\n---\nb: 2\n").0, 2);
        assert_eq!(message(&("[".repeat(9) + &"]".repeat(9))), (1, "nested too deeply".into()));
        assert_eq!(message(&"[".repeat(100_000)).0, 1);
        assert_eq!(message("a: 1\nb: [\n").1.get(..22), Some("this is not valid YAML"));
    }

    #[test]
    fn never_panics_on_noise() {
        let mut state = 1_u32;
        for _ in 0..20_000 {
            let text: String = (0..24)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    char::from(b"-:[]{}#&*!|>'\"%@` \n\tab,?~"[(state >> 16) as usize % 25])
                })
                .collect();
            let _ = read(&text);
        }
    }
}
