//! Text of others made fit for a terminal: a document comes from anywhere, and a screen obeys what is written to it.

/// Does a character steer a terminal or the order of what is read, or is it there unseen, rather than show something? Controls,
/// separators of lines, joiners, direction marks, tags, variation selectors and fillers.
#[must_use]
pub fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
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
        let unseen = "\u{ad}\u{34f}\u{61c}\u{115f}\u{180b}\u{200b}\u{2028}\u{2066}\u{3164}\u{fe0f}\u{feff}\u{ffa0}\u{fff9}\u{e0041}";
        assert_eq!(unseen.chars().find(|c| !steers(*c)), None);
        assert_eq!(one_line("Größe \u{3b1} > 0"), "Größe \u{3b1} > 0");
    }
}
