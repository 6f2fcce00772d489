//! The program's sources as the guards read them: without comments, texts and tests, with every path that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

pub struct File {
    /// Within `src`, as `wire/hdlc/mod.rs`.
    pub path: String,
    pub text: String,
    /// The text without tests, comments and the contents of strings; as many lines as before, those empty.
    pub code: String,
}

impl File {
    fn new(path: String, text: String) -> Self {
        let code = without_tests(blanked(&text));
        File { path, text, code }
    }

    /// Its module's path within the crate: `wire::hdlc` is `["wire", "hdlc"]`, and the crate's root is empty.
    pub fn module(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.path.trim_end_matches(".rs").split('/').collect();
        if matches!(names.last(), Some(&("mod" | "lib" | "main"))) {
            names.pop();
        }
        names
    }

    /// The folder or file directly in `src` that it belongs to; `lib` and `main` are their own.
    pub fn room(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    /// How many lines have code.
    pub fn length(&self) -> usize {
        lines(&self.code)
    }

    /// Functions with the number of their lines that have code.
    pub fn functions(&self) -> Vec<(String, usize)> {
        let starts = self
            .code
            .match_indices("fn ")
            .filter(|(at, _)| !continues_name(self.code[..*at].chars().next_back()));
        let found = starts.filter_map(|(at, _)| {
            let rest = &self.code[at..];
            let name = name(rest[3..].trim_start());
            let open =
                rest.find(['{', ';']).filter(|&open| rest[open..].starts_with('{') && !name.is_empty())?;
            Some((name.to_owned(), lines(&rest[..open + block(&rest[open..])])))
        });
        found.collect()
    }

    /// The paths within the crate that it names, from the crate's root on: `["wire", "hdlc", "Frame"]`.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut names = Names {
            module: self.module().into_iter().map(str::to_owned).collect(),
            known: BTreeMap::new(),
            found: Vec::new(),
        };
        let mut rest = String::with_capacity(self.code.len());
        let mut code = &*self.code;
        // First what is imported, then paths in the code, which may begin with an imported name.
        while let Some(at) = word(code, "use") {
            let end = code[at..].find(';').map_or(code.len(), |end| at + end);
            names.import(&[], &code[at + 3..end]);
            rest.push_str(&code[..at]);
            code = &code[end..];
        }
        rest.push_str(code);
        names.mentions(&rest);
        names.found
    }

    /// What it publishes under another path: the name, and the path within the crate that it stands for.
    fn exports(&self) -> Vec<(String, Vec<String>)> {
        let mut exports = Vec::new();
        let mut code = &*self.code;
        while let Some(at) = word(code, "use") {
            let end = code[at..].find(';').map_or(code.len(), |end| at + end);
            let line = code[..at].rsplit(['\n', ';', '}']).next().unwrap_or_default();
            if line.trim_start().starts_with("pub") {
                let mut names = Names {
                    module: self.module().into_iter().map(str::to_owned).collect(),
                    known: BTreeMap::new(),
                    found: Vec::new(),
                };
                names.import(&[], &code[at + 3..end]);
                exports.extend(names.known);
            }
            code = &code[end..];
        }
        exports
    }
}

struct Names {
    module: Vec<String>,
    /// What imported names stand for.
    known: BTreeMap<String, Vec<String>>,
    found: Vec<Vec<String>>,
}

impl Names {
    /// Takes in what follows `use`, which may have braces.
    fn import(&mut self, before: &[String], tree: &str) {
        let tree = tree.trim();
        if let Some(open) = tree.find('{') {
            let inside = &tree[open + 1..open + block(&tree[open..]) - 1];
            let before = [before, &segments(&tree[..open])].concat();
            top_level(inside).into_iter().for_each(|part| self.import(&before, part));
            return;
        }
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path = [before, &segments(path)].concat();
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        if let Some(path) = self.absolute(&path, true) {
            let alias = if alias.is_empty() {
                path.last().cloned().unwrap_or_default()
            } else {
                alias.trim().to_owned()
            };
            self.known.insert(alias, path.clone());
            self.found.push(path);
        }
    }

    /// Takes in every `a::b::c` of the code.
    fn mentions(&mut self, code: &str) {
        let mut at = 0;
        while let Some(next) = code[at..].find("::") {
            let middle = at + next;
            let start = code[..middle]
                .rfind(|c: char| !c.is_alphanumeric() && c != '_')
                .map_or(0, |before| before + 1);
            let mut end = middle;
            while code[end..].starts_with("::") && !name(&code[end + 2..]).is_empty() {
                end += 2 + name(&code[end + 2..]).len();
            }
            if let Some(path) = self.absolute(&segments(&code[start..end]), false) {
                self.found.push(path);
            }
            at = end.max(middle + 2);
        }
    }

    /// A path from the crate's root on; none if it leads out of the crate.
    fn absolute(&self, path: &[String], import: bool) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let base = match first.as_str() {
            "crate" | "han_exporter" => Vec::new(),
            "self" => self.module.clone(),
            "super" => self.module[..self.module.len().checked_sub(1)?].to_vec(),
            other => match self.known.get(other) {
                Some(known) => known.clone(),
                // A child module of this file, as far as there is one: paths that lead nowhere are left out later.
                None if import => [&self.module[..], &[other.to_owned()]].concat(),
                None => return None,
            },
        };
        let mut path = base;
        for name in rest {
            match name.as_str() {
                "super" => _ = path.pop()?,
                _ => path.push(name.clone()),
            }
        }
        Some(path)
    }
}

/// All files of the crate.
pub fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for path in below(&root) {
        let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".rs") && !name.ends_with("tests.rs") && !name.contains("/tests/") {
            files.push(File::new(name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(files.len() > 50, "the sources were not found");
    files
}

/// Every file in a folder and in the folders inside it.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries.into_iter().flat_map(|entry| if entry.is_dir() { below(&entry) } else { vec![entry] }).collect()
}

/// Which file uses which, by their indexes. An item that a module publishes for another is the other's.
pub fn uses(files: &[File]) -> BTreeSet<(usize, usize)> {
    let modules: BTreeMap<Vec<String>, usize> = files
        .iter()
        .enumerate()
        .filter(|(_, file)| file.path != "main.rs")
        .map(|(index, file)| (file.module().into_iter().map(str::to_owned).collect(), index))
        .collect();
    let exports: Vec<BTreeMap<_, _>> =
        files.iter().map(|file| file.exports().into_iter().collect()).collect();
    let resolve = |mut path: Vec<String>| {
        // An export may stand for another one.
        for _ in 0..8 {
            let length = (0..=path.len()).rev().find(|&length| modules.contains_key(&path[..length]))?;
            let module = modules[&path[..length]];
            match path.get(length).and_then(|name| exports[module].get(name)) {
                Some(behind) if behind[..] != path[..=length] => {
                    path = [behind, &path[length + 1..]].concat()
                }
                _ => return Some(module),
            }
        }
        None
    };
    let mut found = BTreeSet::new();
    for (user, file) in files.iter().enumerate() {
        let used = file.paths().into_iter().filter_map(&resolve).filter(|used| *used != user);
        found.extend(used.map(|used| (user, used)));
    }
    found
}

/// The parts of a list between commas, those in braces aside.
fn top_level(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

fn segments(path: &str) -> Vec<String> {
    path.split("::")
        .map(|name| name.trim().trim_start_matches('$').to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn name(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())]
}

fn continues_name(letter: Option<char>) -> bool {
    letter.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

/// Where a word stands that is not part of another one.
fn word(code: &str, word: &str) -> Option<usize> {
    let alone = |&(at, _): &(usize, &str)| {
        !continues_name(code[..at].chars().next_back())
            && code[at + word.len()..].starts_with(char::is_whitespace)
    };
    code.match_indices(word).find(alone).map(|(at, _)| at)
}

fn lines(code: &str) -> usize {
    code.lines().filter(|line| !line.trim().is_empty()).count()
}

/// How long the block is that begins with this opening brace.
fn block(code: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in code.char_indices() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The code with every module of tests, and every other item that only tests have, made empty.
fn without_tests(mut code: String) -> String {
    const ONLY: &str = "#[cfg(test)]";
    while let Some(start) = code.find(ONLY) {
        let rest = &code[start..];
        let end = match rest.find(['{', ';']) {
            Some(open) if rest[open..].starts_with('{') => open + block(&rest[open..]),
            Some(end) => end + 1,
            None => rest.len(),
        };
        let empty = blank(&rest[..end]);
        code.replace_range(start..start + end, &empty);
    }
    code
}

fn blank(text: &str) -> String {
    text.chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect()
}

/// The text with spaces in place of comments and of what strings and characters contain.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' => string(rest),
            'r' if !continues_name(code.chars().next_back())
                && rest[1..].trim_start_matches('#').starts_with('"') =>
            {
                raw(rest)
            }
            '\'' => character(rest),
            _ => 0,
        };
        if length == 0 {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        } else {
            // A line with a string has code, one with a comment has none.
            let shown = if letter == '/' { ' ' } else { '"' };
            code.push(shown);
            code.push_str(&blank(&rest[..length])[1..]);
            rest = &rest[length..];
        }
    }
    code
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn raw(text: &str) -> usize {
    let hashes = text[1..].len() - text[1..].trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    text[hashes + 2..].find(&end).map_or(text.len(), |at| hashes + 2 + at + end.len())
}

/// How long a character's literal is; 0 for a lifetime.
fn character(text: &str) -> usize {
    let inside = &text[1..];
    match inside.chars().next() {
        Some('\\') => inside[2..].find('\'').map_or(text.len(), |end| end + 4),
        Some(letter) if inside[letter.len_utf8()..].starts_with('\'') => letter.len_utf8() + 2,
        _ => 0,
    }
}

#[test]
fn comments_strings_and_tests_are_no_code() {
    let text = "use a::b; // x\nlet c = '\"'; let s = \"// {\"; let l: &'a str = r#\"\"}\"#; /* y */\n#[cfg(test)]\nmod tests {\n    fn f() { }\n}\nfn g() {}\n";
    let file = File::new("x.rs".into(), text.into());
    assert_eq!(file.code.lines().count(), text.lines().count());
    assert_eq!(file.length(), 3, "{}", file.code);
    assert!(
        !file.code.contains('x') && !file.code.contains("//") && file.code.contains("&'a str"),
        "{}",
        file.code
    );
    assert_eq!(file.functions(), [("g".to_owned(), 1)]);
}

#[test]
fn every_path_is_found() {
    let text = "use crate::wire::{self, hdlc::{Frame as F, flag}, sml};\nuse super::other;\nfn f() { sml::list::g(); other::X; crate::hub::Hub::new(); std::mem::take(&mut x); F::parse() }";
    let file = File::new("meter/kaifa.rs".into(), text.into());
    let found: BTreeSet<String> = file.paths().iter().map(|path| path.join("::")).collect();
    let expected = [
        "crate",
        "hub::Hub::new",
        "meter::other",
        "meter::other::X",
        "wire",
        "wire::hdlc::Frame",
        "wire::hdlc::Frame::parse",
        "wire::hdlc::flag",
        "wire::sml",
        "wire::sml::list::g",
    ];
    assert_eq!(found, expected[1..].iter().map(|path| (*path).to_owned()).collect());
}

#[test]
fn an_item_is_used_where_it_is_written() {
    let file = |path: &str, text: &str| File::new(path.into(), text.into());
    let files = [
        file("wire/mod.rs", "pub mod a;\npub mod b;\npub use a::Thing;\n"),
        file("wire/a.rs", "pub struct Thing;\n"),
        file("wire/b.rs", "use super::Thing;\n"),
    ];
    assert_eq!(uses(&files), BTreeSet::from([(0, 1), (2, 1)]));
}
