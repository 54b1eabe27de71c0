use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zero_config::home::{InitOptions, init};
use zero_config::{FileText, Home, KeyRing, Layer, OperatorId, ProblemKind, Purpose};
use zero_core::Ts;

const OPTIONS: InitOptions = InitOptions { keys: true, now: Ts::from_ns(1_700_000_000_000_000_000) };

fn ada() -> OperatorId {
    OperatorId::new("ada").unwrap()
}

fn home() -> (TempDir, Home) {
    let tmp = TempDir::new().unwrap();
    let home = Home::at(tmp.path().join("state/zero"));
    (tmp, home)
}

fn tree(root: &Path) -> Vec<(PathBuf, u32, u64, i64)> {
    let mut out = Vec::new();
    let mut todo = vec![root.to_owned()];
    while let Some(path) = todo.pop() {
        let m = fs::symlink_metadata(&path).unwrap();
        if m.is_dir() {
            todo.extend(fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        }
        out.push((path, m.mode() & 0o7777, m.ino(), m.mtime_nsec()));
    }
    out.sort();
    out
}

#[test]
fn a_second_init_changes_nothing_and_says_so() {
    let (_tmp, home) = home();
    let first = init(&home, &ada(), OPTIONS).unwrap();
    assert!(first.changed() && first.items.iter().all(|i| i.created));
    let before = tree(home.root());
    let second = init(&home, &ada(), OPTIONS).unwrap();
    assert!(!second.changed(), "{second:?}");
    assert_eq!(tree(home.root()), before);
    assert_eq!(KeyRing::open(&first.partition).unwrap().list().len(), 2);
}

#[test]
fn init_keeps_an_edited_file_and_a_revoked_key() {
    let (_tmp, home) = home();
    let p = init(&home, &ada(), OPTIONS).unwrap().partition;
    fs::write(p.config_file(), "# mine\n").unwrap();
    KeyRing::open(&p).unwrap().revoke(Purpose::Proof, "test", OPTIONS.now).unwrap();
    assert!(!init(&home, &ada(), OPTIONS).unwrap().changed());
    assert_eq!(fs::read_to_string(p.config_file()).unwrap(), "# mine\n");
    assert!(
        KeyRing::open(&p).unwrap().active(Purpose::Proof).is_none(),
        "a revoked key is not silently replaced"
    );
}

#[test]
fn everything_is_the_owners_alone() {
    let (_tmp, home) = home();
    init(&home, &ada(), OPTIONS).unwrap();
    for (path, mode, _, _) in tree(home.root()) {
        let want = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, want, "{}", path.display());
    }
}

/// The umask belongs to the process, so each one gets a process of its own: this test binary, asked for one test.
#[test]
fn modes_do_not_depend_on_the_umask() {
    let me = std::env::current_exe().unwrap();
    for umask in ["000", "022", "077", "007"] {
        let script = format!("umask {umask}; exec \"$0\" --exact home::everything_is_the_owners_alone");
        let out = std::process::Command::new("sh").arg("-c").arg(script).arg(&me).output().unwrap();
        let text = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.success() && text.contains("1 passed"), "umask {umask}: {text}");
    }
}

#[test]
fn a_partition_that_lets_others_in_is_refused_by_everything() {
    let (_tmp, home) = home();
    let p = init(&home, &ada(), OPTIONS).unwrap().partition;
    assert!(p.verify().is_ok());
    for dir in [home.root().to_owned(), home.root().join("operators"), p.dir(), p.keys(), p.journal()] {
        for mode in [0o750, 0o705, 0o710, 0o777] {
            fs::set_permissions(&dir, Permissions::from_mode(mode)).unwrap();
            assert_eq!(p.verify().unwrap_err().code(), "ZERO-CFG-022", "{} {mode:o}", dir.display());
            let e = init(&home, &ada(), OPTIONS).unwrap_err();
            assert_eq!(e.code(), "ZERO-CFG-022");
            assert!(e.hint().contains("chmod 700"), "{}", e.hint());
            assert_eq!(fs::metadata(&dir).unwrap().mode() & 0o7777, mode, "found, not silently repaired");
            fs::set_permissions(&dir, Permissions::from_mode(0o700)).unwrap();
        }
    }
}

#[test]
fn symbolic_links_are_not_followed() {
    let (tmp, home) = home();
    let p = init(&home, &ada(), OPTIONS).unwrap().partition;
    let away = tmp.path().join("away");
    for dir in [p.keys(), p.dir(), home.root().join("operators"), home.root().to_owned()] {
        fs::rename(&dir, &away).unwrap();
        symlink(&away, &dir).unwrap();
        assert_eq!(p.verify().unwrap_err().code(), "ZERO-CFG-021", "{}", dir.display());
        assert_eq!(init(&home, &ada(), OPTIONS).unwrap_err().code(), "ZERO-CFG-021", "{}", dir.display());
        fs::remove_file(&dir).unwrap();
        fs::rename(&away, &dir).unwrap();
    }
    let elsewhere = tmp.path().join("elsewhere.toml");
    fs::rename(p.config_file(), &elsewhere).unwrap();
    symlink(&elsewhere, p.config_file()).unwrap();
    assert_eq!(p.read_config().unwrap_err().kind, ProblemKind::Unreadable);
    assert_eq!(init(&home, &ada(), OPTIONS).unwrap_err().code(), "ZERO-CFG-021");
    // A link to nowhere must not make a file there.
    fs::remove_file(p.config_file()).unwrap();
    let target = tmp.path().join("planted");
    symlink(&target, p.config_file()).unwrap();
    assert!(init(&home, &ada(), OPTIONS).is_err());
    assert!(!target.exists());
}

#[test]
fn a_draft_planted_as_a_link_is_not_written_through() {
    let (tmp, home) = home();
    let p = init(&home, &ada(), OPTIONS).unwrap().partition;
    fs::remove_file(p.config_file()).unwrap();
    let victim = tmp.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    symlink(&victim, p.dir().join(".config.toml.new")).unwrap();
    assert!(init(&home, &ada(), OPTIONS).unwrap().changed());
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
}

#[test]
fn a_configuration_that_others_can_write_is_refused() {
    let (_tmp, home) = home();
    let p = init(&home, &ada(), OPTIONS).unwrap().partition;
    for (mode, fine) in [(0o600, true), (0o644, true), (0o664, false), (0o646, false)] {
        fs::set_permissions(p.config_file(), Permissions::from_mode(mode)).unwrap();
        assert_eq!(FileText::read(Layer::Operator, &p.config_file()).is_ok(), fine, "{mode:o}");
    }
    assert_eq!(FileText::read(Layer::System, Path::new("/nowhere/config.toml")), Ok(None));
}

#[test]
fn a_configuration_that_is_no_text_or_too_large_is_refused() {
    let (_tmp, home) = home();
    let p = init(&home, &ada(), OPTIONS).unwrap().partition;
    fs::write(p.config_file(), [0xff, 0xfe]).unwrap();
    assert!(p.read_config().is_err());
    fs::write(p.config_file(), vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(p.read_config().is_err());
    fs::remove_file(p.config_file()).unwrap();
    fs::create_dir(p.config_file()).unwrap();
    assert!(p.read_config().is_err());
}

#[test]
fn an_operator_id_cannot_leave_its_directory() {
    for text in ["", ".", "..", "a/b", "../x", "A", "-a", "_a", "a b", "a\0", "ä", &"a".repeat(64)] {
        assert!(OperatorId::new(text).is_err(), "{text:?}");
    }
    assert!(OperatorId::new("ops-2_b").is_ok());
}

#[test]
fn the_root_is_found_as_documented() {
    let resolve = |vars: &[(&str, &str)]| {
        Home::resolve(|name| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v)))
            .map(|h| h.root().to_string_lossy().into_owned())
            .map_err(|e| e.code())
    };
    assert_eq!(resolve(&[("ZERO_HOME", "/z"), ("HOME", "/h")]), Ok("/z".into()));
    assert_eq!(resolve(&[("XDG_STATE_HOME", "/x"), ("HOME", "/h")]), Ok("/x/zero".into()));
    assert_eq!(resolve(&[("XDG_STATE_HOME", "rel"), ("HOME", "/h")]), Ok("/h/.local/state/zero".into()));
    assert_eq!(resolve(&[("ZERO_HOME", ""), ("HOME", "/h")]), Ok("/h/.local/state/zero".into()));
    assert_eq!(resolve(&[("ZERO_HOME", "rel"), ("HOME", "/h")]), Err("ZERO-CFG-027"));
    assert_eq!(resolve(&[]), Err("ZERO-CFG-027"));
}
