//! The small strict part of YAML that configuration files need: mappings, lists and plain text, with line numbers.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, StrInput};

/// Nesting beyond this is refused.
const DEPTH: usize = 8;

/// What is wrong, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

/// A value and the line it begins on.
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

/// Reads a file of one document; `None` when it holds nothing but comments.
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
    /// The text of a value; `what` names it in the complaint if it is something else.
    pub fn text(&self, what: &str) -> Result<&str, Fault> {
        match &self.content {
            Content::Text(text) => Ok(text),
            Content::Nothing => Err(fault(self.line, format!("{what} has no value"))),
            Content::List(_) | Content::Mapping(_) => {
                Err(fault(self.line, format!("{what} must be a single value")))
            }
        }
    }

    /// The elements of a list, never none.
    pub fn list(&self, what: &str) -> Result<&[Node], Fault> {
        match &self.content {
            Content::List(nodes) if !nodes.is_empty() => Ok(nodes),
            _ => Err(fault(self.line, format!("{what} must be a list with at least one element ('- …')"))),
        }
    }

    /// The values of a mapping in the order of `keys`; any other key, or one twice, is a fault.
    pub fn mapping<const N: usize>(&self, what: &str, keys: [&str; N]) -> Result<[Option<&Node>; N], Fault> {
        let Content::Mapping(entries) = &self.content else {
            return Err(fault(
                self.line,
                format!("{what} must consist of 'key: value'; allowed keys: {}", keys.join(", ")),
            ));
        };
        let mut values = [None; N];
        for (key, value) in entries {
            let name = key.text("a key")?;
            let slot =
                keys.iter().position(|allowed| *allowed == name).and_then(|index| values.get_mut(index));
            match slot {
                None => {
                    let allowed = keys.join(", ");
                    return Err(fault(
                        key.line,
                        format!("unknown key '{name}' in {what}; allowed keys: {allowed}"),
                    ));
                }
                Some(Some(_)) => {
                    return Err(fault(
                        key.line,
                        format!("key '{name}' stands twice in {what}; keep only one"),
                    ));
                }
                Some(slot) => *slot = Some(value),
            }
        }
        Ok(values)
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
                    "anchors (&), aliases (*) and tags (!) have no meaning here; write the value out",
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

fn fault(line: usize, what: impl Into<String>) -> Fault {
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

    fn complaint(text: &str) -> (usize, String) {
        let fault = read(text).unwrap_err();
        (fault.line, fault.what)
    }

    #[test]
    fn keeps_order_lines_and_text() {
        let node = read("# a comment\nb:\n  - x: 'null'\n    y: 1\n  - {x: z}\n").unwrap().unwrap();
        let [b] = node.mapping("the file", ["b"]).unwrap();
        let list = b.unwrap().list("b").unwrap();
        let [x, y] = list[0].mapping("one", ["x", "y"]).unwrap();
        assert_eq!((x.unwrap().text("x"), x.unwrap().line), (Ok("null"), 3));
        assert_eq!((y.unwrap().text("y"), y.unwrap().line), (Ok("1"), 4));
        assert_eq!(list[1].mapping("one", ["y"]).unwrap_err().line, 5);
    }

    #[test]
    fn nothing_is_not_a_document() {
        for text in ["", "\n\n", "# only words\n", "---\n", "---\n...\n", "~", "\u{feff}"] {
            assert_eq!(read(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn complains_with_the_line_and_the_allowed_keys() {
        let node = read("a: 1\nc: 2\na: 3\n").unwrap().unwrap();
        let unknown = node.mapping("a thing", ["a", "b"]).unwrap_err();
        assert_eq!(unknown, fault(2, "unknown key 'c' in a thing; allowed keys: a, b"));
        let twice = node.mapping("a thing", ["a", "c"]).unwrap_err();
        assert_eq!(twice, fault(3, "key 'a' stands twice in a thing; keep only one"));
        let [a, _] = read("a:\n")
            .unwrap()
            .unwrap()
            .mapping("a thing", ["a", "b"])
            .map(|v| v.map(|n| n.cloned()))
            .unwrap();
        assert_eq!(a.unwrap().text("'a'").unwrap_err(), fault(1, "'a' has no value"));
    }

    #[test]
    fn refuses_what_could_hide_or_multiply_values() {
        assert!(complaint("a: &x 1\nb: *x\n").1.contains("anchors"));
        assert!(complaint("a: !!str 1\n").1.contains("tags"));
        assert_eq!(complaint("a: 1\n---\nb: 2\n").0, 2);
        assert_eq!(complaint(&("[".repeat(9) + &"]".repeat(9))), (1, "nested too deeply".into()));
        assert_eq!(complaint(&"[".repeat(100_000)).0, 1);
        assert_eq!(complaint("a: 1\nb: [\n").1.get(..22), Some("this is not valid YAML"));
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
