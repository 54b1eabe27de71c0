//! Text of others made fit for a terminal: a document comes from anywhere, and a screen obeys what is written to it.

/// Does a character steer a terminal or the order of what is read, rather than show something?
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// One line: white space runs together, and what steers is replaced.
#[must_use]
pub fn one_line(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|w| w.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_replaced_and_the_rest_is_kept() {
        assert_eq!(one_line("a\nb\u{1b}[31mred \t\u{202e}x\u{9b}"), "a b\u{fffd}[31mred \u{fffd}x\u{fffd}");
        assert_eq!(one_line("Größe \u{3b1} > 0"), "Größe \u{3b1} > 0");
    }
}
