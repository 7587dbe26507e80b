//! Which files use which.
//!
//! An arrow goes from a file to the one that defines what it names, in a `use` or
//! by a longer path, whatever modules hand the name on. A `mod.rs` that only hands
//! on is passed through; one that defines what its children use, and uses them,
//! makes a circle. To name a module is no arrow, to take something from it is.
//! Methods in another file than their type are as if the file of the type used
//! them. Code under `#[cfg(test)]` may use everything.

use std::collections::{BTreeMap, BTreeSet};

use crate::tokens::tokens;

/// Files of `src` with their text.
pub type Sources = BTreeMap<String, String>;

/// The files that each file uses.
pub type Arrows = BTreeMap<String, BTreeSet<String>>;

/// The names from the root of the crate to a module, or to what is in it.
type Names = Vec<String>;

/// What is written in one module.
#[derive(Default)]
struct Module {
    file: String,
    /// What the names mean that it has by `use`.
    uses: BTreeMap<String, Names>,
    /// All paths in it.
    paths: BTreeSet<Names>,
    /// The types that get methods in it.
    types: BTreeSet<Names>,
}

type Modules = BTreeMap<Names, Module>;

pub fn arrows(sources: &Sources) -> Arrows {
    let mut modules = Modules::new();
    for (file, text) in sources {
        let place = file.trim_end_matches(".rs").split('/');
        let place = place.filter(|name| !["lib", "mod"].contains(name));
        Reader { modules: &mut modules, file, tokens: &tokens(text), next: 0 }
            .read(place.map(str::to_owned).collect());
    }
    let mut arrows: Arrows = sources.keys().map(|file| (file.clone(), BTreeSet::new())).collect();
    for (place, module) in &modules {
        let defined =
            |path: &Names| definition(&modules, place, path, 0).filter(|to| *to != module.file);
        arrows.get_mut(&module.file).unwrap().extend(module.paths.iter().filter_map(&defined));
        for file in module.types.iter().filter_map(defined) {
            arrows.get_mut(&file).unwrap().insert(module.file.clone());
        }
    }
    arrows
}

/// The file that defines what a path in a module names; none if that is a module
/// itself, or not of this crate.
fn definition(
    modules: &Modules,
    place: &[String],
    path: &[String],
    passed: usize,
) -> Option<String> {
    // Names of other crates are handed on to themselves.
    const MOST: usize = 16;
    let (mut at, mut rest) = (place.to_vec(), path);
    match rest[0].as_str() {
        "crate" => at.clear(),
        "self" | "super" => {}
        name if modules[&at].uses.contains_key(name) => {}
        _ if modules.contains_key(&[place, &rest[..1]].concat()) => {}
        _ => return None,
    }
    while let Some((name, others)) = rest.split_first() {
        let inner = [at.as_slice(), &rest[..1]].concat();
        let used = modules[&at].uses.get(name);
        if name == "super" {
            at.pop();
        } else if modules.contains_key(&inner) && !(others.is_empty() && used.is_some()) {
            at = inner;
        } else if let Some(used) = used {
            let path = [used, others].concat();
            return (passed < MOST).then(|| definition(modules, &at, &path, passed + 1)).flatten();
        } else if name != "crate" && name != "self" {
            return Some(modules[&at].file.clone());
        }
        rest = others;
    }
    None
}

/// Reads the modules in a file, one token after the other.
struct Reader<'r> {
    modules: &'r mut Modules,
    file: &'r str,
    tokens: &'r [String],
    next: usize,
}

impl Reader<'_> {
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.next + ahead).map_or("", String::as_str)
    }

    fn is_name(&self, ahead: usize) -> bool {
        self.token(ahead).starts_with(|c: char| c.is_alphabetic() || c == '_')
    }

    /// To the end of the module, or of the file.
    fn read(&mut self, place: Names) {
        let mut module = Module { file: self.file.to_owned(), ..Module::default() };
        let mut depth = 0;
        while self.next < self.tokens.len() && depth >= 0 {
            match (self.token(0), self.token(1)) {
                ("#", "[") | ("#", "!") => {
                    let start = self.next;
                    self.skip("]");
                    let cfg = self.tokens[start..self.next].concat();
                    if cfg == "#[cfg(test)]" {
                        self.skip("}");
                    }
                    continue;
                }
                ("pub", "(") => {
                    self.skip(")");
                    continue;
                }
                ("mod", name) if self.token(2) == "{" => {
                    let inner = [place.as_slice(), &[name.to_owned()]].concat();
                    self.next += 3;
                    self.read(inner);
                    continue;
                }
                ("use", _) => {
                    self.next += 1;
                    self.read_use(Names::new(), &mut module);
                }
                ("impl", _) => self.read_impl(&mut module),
                ("{", _) => depth += 1,
                ("}", _) => depth -= 1,
                (_, "::") if self.is_name(0) && !self.is_inside() => {
                    self.read_path(&mut module);
                    continue;
                }
                _ => {}
            }
            self.next += 1;
        }
        self.modules.insert(place, module);
    }

    /// Behind the next token of that kind that is in no other brackets, or behind
    /// a semicolon.
    fn skip(&mut self, end: &str) {
        let mut depth = 0;
        while self.next < self.tokens.len() {
            depth += match self.token(0) {
                "(" | "[" | "{" => 1,
                ")" | "]" | "}" => -1,
                _ => 0,
            };
            let token = &self.tokens[self.next];
            self.next += 1;
            if depth == 0 && (token == end || token == ";") {
                break;
            }
        }
    }

    /// Whether this name follows another one, or a value; two dots make a range.
    fn is_inside(&self) -> bool {
        let before = |k| self.next.checked_sub(k).map_or("", |at| self.tokens[at].as_str());
        before(1) == "::" || before(1) == "." && before(2) != "."
    }

    fn read_path(&mut self, module: &mut Module) {
        let mut path = vec![self.token(0).to_owned()];
        self.next += 1;
        while self.token(0) == "::" && self.is_name(1) {
            path.push(self.token(1).to_owned());
            self.next += 2;
        }
        if path.len() > 1 {
            module.paths.insert(path);
        }
    }

    /// Looks whether methods of a type follow.
    fn read_impl(&mut self, module: &mut Module) {
        let start = self.next;
        let begins = start == 0 || ["}", ";", "{", "]"].contains(&self.tokens[start - 1].as_str());
        self.next += 1;
        self.skip_generics();
        let mut path = Names::new();
        while self.is_name(0) {
            path.push(self.token(0).to_owned());
            self.next += 1;
            if self.token(0) != "::" {
                break;
            }
            self.next += 1;
        }
        self.skip_generics();
        if begins && ["{", "where"].contains(&self.token(0)) && !path.is_empty() {
            module.types.insert(path);
        }
        self.next = start;
    }

    fn skip_generics(&mut self) {
        let mut depth = usize::from(self.token(0) == "<");
        while depth > 0 {
            self.next += 1;
            match self.token(0) {
                "<" => depth += 1,
                ">" if self.tokens[self.next - 1] != "-" => depth -= 1,
                _ => {}
            }
            self.next += usize::from(depth == 0);
        }
    }

    /// A branch of a `use`, to the token behind it.
    fn read_use(&mut self, mut path: Names, module: &mut Module) {
        while self.is_name(0) && self.token(0) != "as" {
            path.push(self.token(0).to_owned());
            self.next += 1;
            if self.token(0) == "::" {
                self.next += 1;
            }
        }
        match self.token(0) {
            "{" => {
                self.next += 1;
                while self.token(0) != "}" {
                    self.read_use(path.clone(), module);
                    self.next += usize::from(self.token(0) == ",");
                }
                self.next += 1;
            }
            "*" => {
                // All of it: whatever it defines itself.
                path.push("*".to_owned());
                module.paths.insert(path);
                self.next += 1;
            }
            token => {
                let renamed = token == "as";
                if path.last().is_some_and(|name| name == "self") {
                    path.pop();
                }
                if let Some(name) = path.last().cloned() {
                    let name = if renamed { self.token(1).to_owned() } else { name };
                    module.paths.insert(path.clone());
                    module.uses.insert(name, path);
                }
                self.next += if renamed { 2 } else { 0 };
            }
        }
    }
}
