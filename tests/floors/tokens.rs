//! Rust as a row of names and signs.

/// Names and signs, without comments, texts and lifetimes.
pub fn tokens(text: &str) -> Vec<String> {
    let text: Vec<char> = text.chars().collect();
    let is_word = |i: usize| text.get(i).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let starts =
        |i: usize, with: &str| with.chars().enumerate().all(|(k, c)| text.get(i + k) == Some(&c));
    let mut tokens: Vec<String> = Vec::new();
    let mut i = 0;
    while i < text.len() {
        if starts(i, "//") {
            i = (i..text.len()).find(|&k| text[k] == '\n').unwrap_or(text.len());
        } else if starts(i, "/*") {
            let mut depth = 0;
            loop {
                depth += i32::from(starts(i, "/*")) - i32::from(starts(i, "*/"));
                i += if starts(i, "/*") || starts(i, "*/") { 2 } else { 1 };
                if depth == 0 || i >= text.len() {
                    break;
                }
            }
        } else if starts(i, "\"") {
            i += 1;
            while i < text.len() && text[i] != '"' {
                i += if text[i] == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if starts(i, "'\\") {
            i = (i + 3..text.len()).find(|&k| text[k] == '\'').unwrap_or(text.len()) + 1;
        } else if starts(i, "'") {
            let is_char = text.get(i + 2) == Some(&'\'');
            i += if is_char { 3 } else { 1 };
            while !is_char && is_word(i) {
                i += 1;
            }
        } else if is_word(i) {
            let end = (i..).find(|&k| !is_word(k)).unwrap();
            let word: String = text[i..end].iter().collect();
            i = end;
            let hashes = (end..).take_while(|&k| starts(k, "#")).count();
            if word.ends_with('r') && word.len() <= 2 && starts(end + hashes, "\"") {
                let close = format!("\"{}", "#".repeat(hashes));
                i = (end + hashes + 1..text.len())
                    .find(|&k| starts(k, &close))
                    .unwrap_or(text.len());
                i += close.len();
            } else {
                tokens.push(word);
            }
        } else {
            let sign = if starts(i, "::") { "::".to_owned() } else { text[i].to_string() };
            i += sign.len();
            if !sign.trim().is_empty() {
                tokens.push(sign);
            }
        }
    }
    tokens
}
