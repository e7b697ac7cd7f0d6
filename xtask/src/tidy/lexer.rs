//! Just enough of Rust's grammar to tell code from comments and text, so that
//! braces can be counted and words found where they mean something.

/// A source file taken apart, line structure kept.
pub struct Lexed {
    /// Comments and the insides of literals replaced by spaces.
    pub code: String,
    /// Every string literal with the line (from 1) it starts on.
    pub strings: Vec<(usize, String)>,
}

pub fn lex(source: &str) -> Lexed {
    Lexer { chars: source.chars().collect(), at: 0, line: 1, code: String::new(), strings: Vec::new() }.run()
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Lexer {
    fn run(mut self) -> Lexed {
        while let Some(c) = self.peek(0) {
            match c {
                '/' if self.peek(1) == Some('/') => self.blank_while(|c| c != '\n'),
                '/' if self.peek(1) == Some('*') => self.block_comment(),
                '"' => self.string(),
                'r' if !self.follows_word() && self.raw_hashes().is_some() => {
                    let hashes = self.raw_hashes().unwrap_or(0);
                    for _ in 0..=hashes {
                        self.keep();
                    }
                    self.raw_string(hashes);
                }
                '\'' => self.quote(),
                _ => self.keep(),
            }
        }
        Lexed { code: self.code, strings: self.strings }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn follows_word(&self) -> bool {
        // `br"…"` is a raw string too; any other word before `r` makes it a name.
        let last = self.code.chars().last();
        last.is_some_and(|c| (c.is_alphanumeric() || c == '_') && c != 'b')
    }

    /// How many hashes open a raw string here; `None` when none does.
    fn raw_hashes(&self) -> Option<usize> {
        let hashes = self.chars[self.at + 1..].iter().take_while(|c| **c == '#').count();
        (self.peek(1 + hashes) == Some('"')).then_some(hashes)
    }

    fn keep(&mut self) {
        let c = self.chars[self.at];
        self.line += usize::from(c == '\n');
        self.code.push(c);
        self.at += 1;
    }

    fn blank(&mut self) -> char {
        let c = self.chars[self.at];
        self.line += usize::from(c == '\n');
        self.code.push(if c == '\n' { '\n' } else { ' ' });
        self.at += 1;
        c
    }

    fn blank_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.blank();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.peek(0).is_some() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                _ => {
                    self.blank();
                    continue;
                }
            }
            self.blank();
            self.blank();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        let line = self.line;
        let mut text = String::new();
        self.keep();
        while let Some(c) = self.peek(0) {
            if c == '"' {
                self.keep();
                break;
            }
            if c == '\\' {
                self.blank();
            }
            if self.peek(0).is_some() {
                text.push(self.blank());
            }
        }
        self.strings.push((line, text));
    }

    fn raw_string(&mut self, hashes: usize) {
        let line = self.line;
        let mut text = String::new();
        self.keep();
        while let Some(c) = self.peek(0) {
            let closes = c == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#'));
            if closes {
                for _ in 0..=hashes {
                    self.keep();
                }
                break;
            }
            text.push(self.blank());
        }
        self.strings.push((line, text));
    }

    /// A character literal, or the start of a lifetime.
    fn quote(&mut self) {
        let is_literal = matches!((self.peek(1), self.peek(2)), (Some('\\'), _) | (Some(_), Some('\'')));
        self.keep();
        if !is_literal {
            return;
        }
        if self.blank() == '\\' {
            self.blank();
        }
        self.blank_while(|c| c != '\'');
        if self.peek(0).is_some() {
            self.keep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_without_text() {
        let cases = [
            ("a // b {\nc", "a       \nc"),
            ("a /* { /* } */ */ b", "a                 b"),
            (r#"x("{\"}") y"#, r#"x("    ") y"#),
            ("r#\"{\"}\"# z", "r#\"   \"# z"),
            ("'{' 'a '\\'' b", "' ' 'a '  ' b"),
            ("for<'a> x", "for<'a> x"),
        ];
        for (source, code) in cases {
            assert_eq!(lex(source).code, code, "{source}");
        }
        assert_eq!(lex("\n\"SELECT 1\"").strings, [(2, "SELECT 1".to_owned())]);
    }
}
