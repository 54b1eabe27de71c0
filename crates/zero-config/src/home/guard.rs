//! Files that only their owner can reach. Every access goes through a directory handle and refuses symbolic links,
//! foreign owners, and modes that let others in.

use rustix::fs::{self, AtFlags, FileType, FlockOperation, Mode, OFlags, Stat};
use rustix::io::Errno;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a file or directory was refused.
#[derive(Debug, Error)]
pub enum HomeError {
    /// The system refused.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A symbolic link stands where a file or directory should be.
    #[error("{} is a symbolic link", path.display())]
    Symlink {
        /// Where.
        path: PathBuf,
    },
    /// Others can reach it.
    #[error("{} has mode {mode:04o}, which lets others in", path.display())]
    Mode {
        /// Where.
        path: PathBuf,
        /// Permission bits found.
        mode: u32,
        /// Permission bits wanted.
        want: u32,
    },
    /// It belongs to another user.
    #[error("{} belongs to user {uid}", path.display())]
    Owner {
        /// Where.
        path: PathBuf,
        /// The owner found.
        uid: u32,
    },
    /// It is not a plain file, or has a second name.
    #[error("{} is not a plain file with one name", path.display())]
    NotPlain {
        /// Where.
        path: PathBuf,
    },
    /// It holds something else than it should.
    #[error("{} is not {want}", path.display())]
    Content {
        /// Where.
        path: PathBuf,
        /// What it should be.
        want: String,
    },
    /// The partition is not there.
    #[error("there is no partition at {}", path.display())]
    NoPartition {
        /// Where it would be.
        path: PathBuf,
    },
    /// Two principals have one token.
    #[error("the tokens of the {one} and the {other} in {} are equal", dir.display())]
    SameToken {
        /// Where.
        dir: PathBuf,
        /// One principal.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// Not an operator id.
    #[error("`{0}` cannot be an operator id")]
    OperatorId(String),
    /// No root is known.
    #[error("neither ZERO_HOME, XDG_STATE_HOME nor HOME is an absolute path")]
    NoRoot,
}

impl HomeError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "ZERO-CFG-020",
            Self::Symlink { .. } => "ZERO-CFG-021",
            Self::Mode { .. } => "ZERO-CFG-022",
            Self::Owner { .. } => "ZERO-CFG-023",
            Self::NotPlain { .. } => "ZERO-CFG-024",
            Self::Content { .. } => "ZERO-CFG-025",
            Self::OperatorId(_) => "ZERO-CFG-026",
            Self::NoRoot => "ZERO-CFG-027",
            Self::SameToken { .. } => "ZERO-CFG-028",
            Self::NoPartition { .. } => "ZERO-CFG-029",
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::Io { path, .. } => format!("check the disk and the permissions of {}", path.display()),
            Self::Symlink { path } => {
                format!(
                    "name the real place instead of the link {}, for the root with ZERO_HOME",
                    path.display()
                )
            }
            Self::Mode { path, want, .. } => {
                format!(
                    "if nobody else has used it, run `chmod {want:o} {}`; a key others could read is to be rotated",
                    path.display()
                )
            }
            Self::Owner { path, .. } => {
                format!("run as the owner of {}, or use another ZERO_HOME", path.display())
            }
            Self::NotPlain { path } => {
                format!("look at {} before removing it; nothing of ours makes that", path.display())
            }
            Self::Content { path, .. } => format!("look at {}; it is not what it should be", path.display()),
            Self::NoPartition { .. } => "run `zero init`, which makes it".into(),
            Self::SameToken { dir, other, .. } => {
                format!("remove {} and run `zero init`, which makes it anew", dir.join(other).display())
            }
            Self::OperatorId(_) => {
                format!(
                    "use lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most 63; {} are the program's own",
                    super::RESERVED.join(", ")
                )
            }
            Self::NoRoot => "set ZERO_HOME to an absolute path".into(),
        }
    }
}

/// Mode of directories.
pub(crate) const DIR_MODE: u32 = 0o700;
/// Mode of files.
pub(crate) const FILE_MODE: u32 = 0o600;

/// An open directory that only we can reach.
#[derive(Debug)]
pub(crate) struct GuardedDir {
    fd: OwnedFd,
    path: PathBuf,
}

fn io(doing: &'static str, path: &Path) -> impl FnOnce(Errno) -> HomeError {
    let path = path.to_owned();
    move |e| match e {
        // O_NOFOLLOW's answer to a link.
        Errno::LOOP => HomeError::Symlink { path },
        e => HomeError::Io { doing, path, source: e.into() },
    }
}

fn std_io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> HomeError {
    let path = path.to_owned();
    move |source| HomeError::Io { doing, path, source }
}

fn permissions(stat: &Stat) -> u32 {
    stat.st_mode & 0o7777
}

fn check(stat: &Stat, path: &Path, want: u32) -> Result<(), HomeError> {
    let uid = rustix::process::geteuid().as_raw();
    if stat.st_uid != uid {
        return Err(HomeError::Owner { path: path.to_owned(), uid: stat.st_uid });
    }
    let mode = permissions(stat);
    if mode & 0o077 != 0 {
        return Err(HomeError::Mode { path: path.to_owned(), mode, want });
    }
    Ok(())
}

const DIR_FLAGS: OFlags =
    OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

impl GuardedDir {
    /// Opens an existing directory.
    pub(crate) fn open(path: &Path) -> Result<Self, HomeError> {
        let fd = fs::open(path, DIR_FLAGS, Mode::empty()).map_err(|e| match e {
            // O_DIRECTORY answers first where the link is looked at as a file.
            Errno::NOTDIR if path.is_symlink() => HomeError::Symlink { path: path.to_owned() },
            e => io("open", path)(e),
        })?;
        Self::checked(fd, path.to_owned())
    }

    /// Opens the root, making it and the directories above it where they are missing. True when it was made.
    pub(crate) fn root(path: &Path) -> Result<(Self, bool), HomeError> {
        if let Some(above) = path.parent() {
            std::fs::create_dir_all(above).map_err(std_io("create", above))?;
        }
        let made = make_dir(fs::CWD, path, path)?;
        let dir = Self::open(path)?;
        Ok((dir, made))
    }

    fn checked(fd: OwnedFd, path: PathBuf) -> Result<Self, HomeError> {
        let stat = fs::fstat(&fd).map_err(io("examine", &path))?;
        check(&stat, &path, DIR_MODE)?;
        Ok(Self { fd, path })
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a directory below, making it where it is missing. True when it was made.
    pub(crate) fn dir(&self, name: &str) -> Result<(Self, bool), HomeError> {
        let made = make_dir(&self.fd, Path::new(name), &self.path.join(name))?;
        Ok((self.existing_dir(name)?, made))
    }

    /// Opens an existing directory below.
    pub(crate) fn existing_dir(&self, name: &str) -> Result<Self, HomeError> {
        let path = self.path.join(name);
        let fd = fs::openat(&self.fd, name, DIR_FLAGS, Mode::empty()).map_err(|e| match e {
            Errno::NOTDIR if path.is_symlink() => HomeError::Symlink { path: path.clone() },
            e => io("open", &path)(e),
        })?;
        Self::checked(fd, path)
    }

    /// Opens an existing file below; `None` where there is none.
    pub(crate) fn file(&self, name: &str, access: OFlags) -> Result<Option<File>, HomeError> {
        let path = self.path.join(name);
        let flags = access | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = match fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(e) => return Err(io("open", &path)(e)),
        };
        let stat = fs::fstat(&fd).map_err(io("examine", &path))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 {
            return Err(HomeError::NotPlain { path });
        }
        check(&stat, &path, FILE_MODE)?;
        Ok(Some(File::from(fd)))
    }

    /// Makes a file below that must not exist yet, with exactly the mode 0600 whatever the umask.
    pub(crate) fn create(&self, name: &str, access: OFlags) -> Result<File, HomeError> {
        let path = self.path.join(name);
        let flags = access | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::from_raw_mode(FILE_MODE);
        let fd = fs::openat(&self.fd, name, flags, mode).map_err(io("create", &path))?;
        fs::fchmod(&fd, mode).map_err(io("set the mode of", &path))?;
        Ok(File::from(fd))
    }

    /// Opens a file below, making it where it is missing.
    pub(crate) fn file_or_create(&self, name: &str, access: OFlags) -> Result<File, HomeError> {
        match self.file(name, access)? {
            Some(file) => Ok(file),
            None => self.create(name, access),
        }
    }

    /// Writes a new file below so that it is there whole or not at all. False when one is there already.
    pub(crate) fn write_new(&self, name: &str, bytes: &[u8]) -> Result<bool, HomeError> {
        use std::io::Write as _;
        if self.file(name, OFlags::RDONLY)?.is_some() {
            return Ok(false);
        }
        let path = self.path.join(name);
        let draft = format!(".{name}.new");
        // A draft left by a crash is nobody's.
        match fs::unlinkat(&self.fd, draft.as_str(), AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(e) => return Err(io("remove the draft of", &path)(e)),
        }
        let mut file = self.create(&draft, OFlags::WRONLY)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(std_io("write", &path))?;
        // Never over a file that appeared meanwhile.
        let flags = fs::RenameFlags::NOREPLACE;
        fs::renameat_with(&self.fd, draft.as_str(), &self.fd, name, flags).map_err(io("name", &path))?;
        self.sync()?;
        Ok(true)
    }

    /// Reads a whole file below into a buffer of the caller's.
    pub(crate) fn read_into(&self, name: &str, max: u64, out: &mut Vec<u8>) -> Result<bool, HomeError> {
        let path = self.path.join(name);
        let Some(file) = self.file(name, OFlags::RDONLY)? else { return Ok(false) };
        read_limited(file, &path, max, out)?;
        Ok(true)
    }

    /// Makes the directory's entries durable.
    pub(crate) fn sync(&self) -> Result<(), HomeError> {
        fs::fsync(&self.fd).map_err(io("sync", &self.path))
    }

    /// Renames a file below, over one that may be there.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), HomeError> {
        fs::renameat(&self.fd, from, &self.fd, to).map_err(io("rename", &self.path.join(from)))
    }

    /// Removes a file below.
    pub(crate) fn remove(&self, name: &str) -> Result<(), HomeError> {
        fs::unlinkat(&self.fd, name, AtFlags::empty()).map_err(io("remove", &self.path.join(name)))
    }

    /// Names of what is below, sorted.
    pub(crate) fn names(&self) -> Result<Vec<String>, HomeError> {
        let dir = fs::Dir::read_from(&self.fd).map_err(io("list", &self.path))?;
        let mut out = Vec::new();
        for entry in dir {
            let entry = entry.map_err(io("list", &self.path))?;
            if let Ok(name) = entry.file_name().to_str()
                && name != "."
                && name != ".."
            {
                out.push(name.to_owned());
            }
        }
        out.sort();
        Ok(out)
    }
}

/// Waits for no one: false when another process holds the lock. It ends with the file handle.
pub(crate) fn try_lock(file: impl AsFd, path: &Path) -> Result<bool, HomeError> {
    match fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(e) => Err(io("lock", path)(e)),
    }
}

fn make_dir(at: impl AsFd, name: &Path, path: &Path) -> Result<bool, HomeError> {
    let mode = Mode::from_raw_mode(DIR_MODE);
    match fs::mkdirat(at.as_fd(), name, mode) {
        Ok(()) => {
            // The umask can only have taken bits of our own away.
            let fd = fs::openat(at, name, DIR_FLAGS, Mode::empty()).map_err(io("open", path));
            if let Ok(fd) = fd {
                fs::fchmod(&fd, mode).map_err(io("set the mode of", path))?;
            }
            Ok(true)
        }
        Err(Errno::EXIST) => Ok(false),
        Err(e) => Err(io("create", path)(e)),
    }
}

fn text_of(max: u64) -> String {
    format!("a text of at most {max} bytes")
}

fn read_limited(file: File, path: &Path, max: u64, out: &mut Vec<u8>) -> Result<(), HomeError> {
    file.take(max + 1).read_to_end(out).map_err(std_io("read", path))?;
    if out.len() as u64 > max {
        return Err(HomeError::Content { path: path.to_owned(), want: text_of(max) });
    }
    Ok(())
}

/// Reads a configuration file, which others may read but not write. `None` where there is none.
pub(crate) fn read_config(path: &Path, max: u64) -> Result<Option<String>, HomeError> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let fd = match fs::open(path, flags, Mode::empty()) {
        Ok(fd) => fd,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(e) => return Err(io("open", path)(e)),
    };
    let stat = fs::fstat(&fd).map_err(io("examine", path))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(HomeError::NotPlain { path: path.to_owned() });
    }
    let uid = rustix::process::geteuid().as_raw();
    if stat.st_uid != uid && stat.st_uid != 0 {
        return Err(HomeError::Owner { path: path.to_owned(), uid: stat.st_uid });
    }
    if permissions(&stat) & 0o022 != 0 {
        return Err(HomeError::Mode { path: path.to_owned(), mode: permissions(&stat), want: 0o644 });
    }
    let mut bytes = Vec::new();
    read_limited(File::from(fd), path, max, &mut bytes)?;
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| HomeError::Content { path: path.to_owned(), want: text_of(max) })
}
