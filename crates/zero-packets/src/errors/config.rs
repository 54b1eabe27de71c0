//! Codes of `zero-config`.

use super::Exit::{Damaged, Data, Internal, Refused, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-CFG-001", Data, "not TOML", "A configuration file is not valid TOML.", "Correct the named line."),
    e("ZERO-CFG-002", Data, "unknown key", "A layer names a key that does not exist.", "Use the suggested name, or look in the configuration reference."),
    e("ZERO-CFG-003", Data, "wrong type", "A value has another type than its key takes.", "Write a value of the named type."),
    e("ZERO-CFG-004", Data, "wrong unit", "A value lacks its unit or has one that its key does not take.", "Write the unit: `90s`, `64MiB`, fractions instead of percent."),
    e("ZERO-CFG-005", Data, "out of range", "A value is outside its key's range or is none of its choices.", "Choose a value inside the range."),
    e("ZERO-CFG-006", Data, "missing key", "A required key has no value in any layer.", "Say it in the configuration file; `zero init` writes one."),
    e("ZERO-CFG-007", Data, "contradiction", "Keys contradict each other.", "Change one of the named keys."),
    e("ZERO-CFG-008", Data, "unreadable configuration", "A configuration file cannot be read, or is not safe to read.", "Correct its permissions, or name another file."),
    e("ZERO-CFG-009", Usage, "bad --set", "A `--set` argument is not `key=value`.", "Write `--set limits.daily_loss=0.03`."),
    e("ZERO-CFG-020", Internal, "file system", "The file system refused an operation on the operator's partition.", "Check the disk and the permissions."),
    e("ZERO-CFG-021", Refused, "symbolic link", "A symbolic link stands where a file or directory of the partition should be.", "Name the real place instead of the link."),
    e("ZERO-CFG-022", Refused, "open permissions", "A file or directory of the partition lets others in.", "Restore mode 0700 or 0600; rotate a key that others could read."),
    e("ZERO-CFG-023", Refused, "foreign owner", "A file or directory of the partition belongs to another user.", "Run as its owner, or use another ZERO_HOME."),
    e("ZERO-CFG-024", Refused, "not a plain file", "A file of the partition is not a plain file with one name.", "Look at it before removing it."),
    e("ZERO-CFG-025", Data, "unexpected content", "A file is too large or is not text.", "Look at the file."),
    e("ZERO-CFG-026", Usage, "bad operator id", "The operator id cannot name a partition.", "Use lower-case letters, digits, `-` and `_`."),
    e("ZERO-CFG-027", Data, "no root", "No root for the state is known.", "Set ZERO_HOME to an absolute path."),
    e("ZERO-CFG-028", Refused, "equal tokens", "Two principals have the same token, so that who holds one is both.", "Remove one of the two files and run `zero init`, which makes it anew."),
    e("ZERO-CFG-029", Data, "no partition", "The operator has no partition under the root yet.", "Run `zero init`, which makes it."),
    e("ZERO-CFG-040", Damaged, "key chain", "The statements about a key do not verify.", "Restore the chain file from a copy."),
    e("ZERO-CFG-041", Refused, "key exists", "There is an active key of this purpose already.", "Rotate it with `zero keys rotate`."),
    e("ZERO-CFG-042", Data, "no key", "There is no active key of this purpose.", "Make one with `zero keys create`."),
    e("ZERO-CFG-043", Refused, "secret file", "A secret file is damaged or belongs to another key.", "Restore it from a copy, or revoke and create anew."),
    e("ZERO-CFG-044", Internal, "no randomness", "The system gave no randomness.", "Try again when the machine has finished starting."),
    e("ZERO-CFG-045", Data, "keys busy", "Another process is changing the key.", "Wait for it to end."),
    e("ZERO-CFG-046", Usage, "bad reason", "The reason of a revocation is empty, too long or has control characters.", "Say in a few words why."),
    e("ZERO-CFG-047", Refused, "sealed key", "The key is sealed under a passphrase, and none was given.", "Type it at a terminal, or name a file of mode 0600 with --passphrase-file."),
    e("ZERO-CFG-048", Refused, "wrong passphrase", "The passphrase does not open the key.", "Try again; nobody can open the key without it."),
    e("ZERO-CFG-049", Usage, "passphrase length", "The passphrase is too short or too long.", "Choose several words, 12 to 1024 bytes."),
];
