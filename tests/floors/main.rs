//! The way of the imports: no circle of files in `src`, no arrow up the floors.

mod arrows;
mod tokens;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use arrows::{Arrows, Sources, arrows};

/// The files and folders of `src`, the highest floor first: each may use its own
/// floor and lower ones.
const FLOORS: [&[&str]; 6] = [
    &["lib"],
    &["python"],
    &["diagram", "homology", "magnitude", "networks"],
    &["space"],
    &["arch", "linalg"],
    &[
        "blocks",
        "budget",
        "error",
        "gaps",
        "memory",
        "monitor",
        "ones",
        "sort",
        "union_find",
        "workers",
    ],
];

#[test]
fn no_files_use_each_other_in_a_circle() {
    let found = rings(&arrows(&sources()));
    assert!(found.is_empty(), "circles of files in src:\n{}", found.join("\n"));
}

#[test]
fn no_file_uses_a_higher_floor() {
    let found = upwards(&arrows(&sources()));
    assert!(found.is_empty(), "arrows up the floors of src:\n{}", found.join("\n"));
}

fn sources() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut sources, mut folders) = (Sources::new(), vec![root.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let parts = path.strip_prefix(&root).unwrap().iter();
                let parts: Vec<&str> = parts.map(|part| part.to_str().unwrap()).collect();
                sources.insert(parts.join("/"), fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(sources.contains_key("lib.rs"));
    sources
}

/// For each circle its files, in the order in which one uses the next.
fn rings(arrows: &Arrows) -> Vec<String> {
    let mut told = BTreeSet::new();
    let mut rings = Vec::new();
    for start in arrows.keys() {
        let Some(ring) = shortest_ring(arrows, start) else { continue };
        if ring.iter().all(|file| !told.contains(file)) {
            rings.push(format!("{} → {start}", ring.join(" → ")));
            told.extend(ring);
        }
    }
    rings
}

fn shortest_ring(arrows: &Arrows, start: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in arrows.get(file).into_iter().flatten() {
            if next == start {
                let back = std::iter::successors(Some(file), |file| before.get(file).copied());
                let mut ring: Vec<String> = back.map(str::to_owned).collect();
                ring.reverse();
                return Some(ring);
            }
            if !before.contains_key(next.as_str()) {
                before.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}

fn upwards(arrows: &Arrows) -> Vec<String> {
    let floor = |file: &str| {
        let top = file.split('/').next().unwrap().trim_end_matches(".rs");
        let floor = FLOORS.iter().position(|floor| floor.contains(&top));
        floor.unwrap_or_else(|| panic!("{top} is on no floor: give it one in FLOORS"))
    };
    let all = arrows.iter().flat_map(|(from, files)| files.iter().map(move |to| (from, to)));
    let up = all.filter(|(from, to)| floor(to) < floor(from));
    up.map(|(from, to)| format!("{from} → {to}")).collect()
}

// ------------------------------------------------------- the checks can fail

fn made_up(files: &[(&str, &str)]) -> Arrows {
    arrows(&files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect())
}

#[test]
fn a_module_that_holds_what_its_children_use_is_in_a_circle() {
    let child = ("space/rows.rs", "use super::Space;\npub fn rows(_: &Space) {}");
    let lib = ("lib.rs", "mod space;");
    let holds = "mod rows;\npub struct Space;\nfn all(s: &Space) { rows::rows(s) }";
    let found = rings(&made_up(&[lib, ("space/mod.rs", holds), child]));
    assert_eq!(found, ["space/mod.rs → space/rows.rs → space/mod.rs"]);
    let hands_on = "mod given;\nmod rows;\npub use given::Space;\npub use self::rows::rows;";
    let given = ("space/given.rs", "pub struct Space;");
    let found = made_up(&[lib, ("space/mod.rs", hands_on), given, child]);
    assert_eq!(found["space/rows.rs"], BTreeSet::from(["space/given.rs".to_owned()]));
    assert!(rings(&found).is_empty());
}

#[test]
fn a_circle_is_found_through_paths_in_code_and_names_handed_on() {
    let files = [
        ("lib.rs", "mod homology; mod arch;"),
        ("homology/mod.rs", "mod bars; mod plan; mod rips; pub use rips::{run as go, Rips};"),
        ("homology/bars.rs", "fn f() -> u8 { for x in 0..crate::homology::go::<u8>(1) {} }"),
        ("homology/plan.rs", "use crate::homology::{self, bars::{Bar as B, Bars,}}; fn g() {}"),
        ("homology/rips.rs", "use super::plan; impl<'a> X<'a> { fn h() { plan::ways('\\'') } }"),
        ("arch.rs", "/// `crate::homology::Rips`\nfn f() { g(\"crate::homology::Rips\") }"),
    ];
    let arrows = made_up(&files);
    let ring = "homology/bars.rs → homology/rips.rs → homology/plan.rs → homology/bars.rs";
    assert_eq!(rings(&arrows), [ring]);
    assert!(upwards(&arrows).is_empty());
    assert!(arrows["arch.rs"].is_empty());
}

#[test]
fn methods_in_another_file_than_their_type_make_a_circle() {
    let way = ("rips/way.rs", "pub struct Plan<K>(K);\nimpl<K> Plan<K> { fn f() {} }");
    let plan = "use super::way::Plan;\nimpl<K: Fn() -> u8> Plan<K> { pub fn choose() {} }";
    let files = |plan| {
        made_up(&[("lib.rs", "mod rips;"), ("rips/mod.rs", ""), way, ("rips/plan.rs", plan)])
    };
    assert_eq!(rings(&files(plan)), ["rips/plan.rs → rips/way.rs → rips/plan.rs"]);
    let plan = "use super::way::Plan;\nimpl<K> From<K> for Plan<K> { fn from() -> impl Sized {} }";
    assert!(rings(&files(plan)).is_empty());
}

#[test]
fn an_arrow_up_is_found_unless_only_tests_need_it() {
    let up = "fn f() { crate::homology::rips(); }";
    let test = format!("#[cfg(test)]\nmod tests {{ use crate::homology; {up} }}\nfn g() {{}}");
    fn files(text: &str) -> [(&str, &str); 3] {
        let lib = ("lib.rs", "mod space; mod homology;");
        [lib, ("homology.rs", "pub fn rips() {}"), ("space/mod.rs", text)]
    }
    assert_eq!(upwards(&made_up(&files(up))), ["space/mod.rs → homology.rs"]);
    assert!(upwards(&made_up(&files(&test))).is_empty());
}
