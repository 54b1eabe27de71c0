//! A simulated disk, seeded: power cuts at any operation with torn, lost and reordered sectors, short writes,
//! failing writes and syncs (after which the pages count as clean), a full disk, and names lost from directories
//! that were not synced. Names are stricter than most file systems: syncing a file never makes its name durable.

use super::sim_file::SimContent;
use super::{DirEntry, Disk, DiskFile, LockFailure, Space};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zero_core::prng::Prng;

/// How often each fault strikes, in parts per million of the operations it can strike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SimFaults {
    /// A write takes only some of the bytes.
    pub short_write: u32,
    /// A write fails.
    pub write_error: u32,
    /// A write fails because the disk is full.
    pub no_space: u32,
    /// A sync of a file fails and its unwritten pages are dropped.
    pub sync_error: u32,
    /// A sync of a directory fails.
    pub sync_dir_error: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Dir,
    File(u64),
}

#[derive(Clone, Debug)]
enum NameOp {
    Link(PathBuf, Node),
    Unlink(PathBuf),
    Rename(PathBuf, PathBuf, Node),
}

#[derive(Debug)]
struct State {
    files: BTreeMap<u64, SimContent>,
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    pending_names: BTreeMap<PathBuf, Vec<NameOp>>,
    locks: BTreeMap<PathBuf, String>,
    prng: Prng,
    faults: SimFaults,
    ops: u64,
    cut_at: Option<u64>,
    down: bool,
    boots: u64,
    next_file: u64,
}

/// A simulated disk. Clones share it.
#[derive(Clone, Debug)]
pub struct SimDisk(Arc<Mutex<State>>);

/// A file on it; unusable after the next boot.
#[derive(Debug)]
pub struct SimFile {
    disk: SimDisk,
    id: u64,
    boot: u64,
}

/// The writer's lock; a power cut frees it.
#[derive(Debug)]
pub struct SimLock {
    disk: SimDisk,
    path: PathBuf,
    boot: u64,
}

impl SimDisk {
    /// An empty disk whose faults and power cuts follow from the seed.
    #[must_use]
    pub fn new(prng: Prng) -> Self {
        let root = BTreeMap::from([(PathBuf::from("/"), Node::Dir)]);
        Self(Arc::new(Mutex::new(State {
            files: BTreeMap::new(),
            names: root.clone(),
            durable_names: root,
            pending_names: BTreeMap::new(),
            locks: BTreeMap::new(),
            prng,
            faults: SimFaults::default(),
            ops: 0,
            cut_at: None,
            down: false,
            boots: 0,
            next_file: 0,
        })))
    }

    /// From now on, faults at these rates.
    pub fn set_faults(&self, faults: SimFaults) {
        self.state().faults = faults;
    }

    /// Cuts the power in the middle of the `n`-th changing operation from now (0 = the next).
    pub fn cut_power_after(&self, n: u64) {
        let mut s = self.state();
        s.cut_at = Some(s.ops + n);
    }

    /// Whether the power is out.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.state().down
    }

    /// Changing operations so far.
    #[must_use]
    pub fn ops(&self) -> u64 {
        self.state().ops
    }

    /// Power comes back: only what reached the disk is there, all handles are dead, all locks free.
    pub fn reboot(&self) {
        let mut guard = self.state();
        let s = &mut *guard;
        let pending = std::mem::take(&mut s.pending_names);
        for ops in pending.into_values() {
            let all_in_order = s.prng.below(2) == 0;
            let kept = s.prng.below(ops.len() as u64 + 1);
            for (i, op) in ops.into_iter().enumerate() {
                if if all_in_order { (i as u64) < kept } else { s.prng.below(2) == 0 } {
                    apply(&mut s.durable_names, op);
                }
            }
        }
        let names = s.durable_names.clone();
        s.durable_names.retain(|p, _| p.ancestors().skip(1).all(|a| names.get(a) == Some(&Node::Dir)));
        s.names.clone_from(&s.durable_names);
        let used: std::collections::BTreeSet<u64> =
            s.names.values().filter_map(|n| if let Node::File(id) = n { Some(*id) } else { None }).collect();
        s.files.retain(|id, _| used.contains(id));
        for content in s.files.values_mut() {
            content.power_cut(&mut s.prng);
        }
        s.locks.clear();
        s.down = false;
        s.cut_at = None;
        s.boots += 1;
    }

    /// Changes a file's bytes, durably, behind everyone's back.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn tamper(&self, path: &Path, f: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut s = self.state();
        let id = s.file_id(path)?;
        s.files.get_mut(&id).ok_or(io::ErrorKind::NotFound)?.tamper(f);
        Ok(())
    }

    /// Deep copy: a second disk with the same content, for trying several fates from one state.
    #[must_use]
    pub fn fork(&self, prng: Prng) -> Self {
        let s = self.state();
        Self(Arc::new(Mutex::new(State {
            files: s.files.clone(),
            names: s.names.clone(),
            durable_names: s.durable_names.clone(),
            pending_names: s.pending_names.clone(),
            locks: BTreeMap::new(),
            prng,
            faults: s.faults,
            ops: s.ops,
            cut_at: None,
            down: s.down,
            boots: s.boots + 1,
            next_file: s.next_file,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn up(&self) -> io::Result<()> {
        if self.down { Err(io::Error::other("the power is out")) } else { Ok(()) }
    }

    /// Counts a changing operation; true when the power goes during it.
    fn step(&mut self) -> io::Result<bool> {
        self.up()?;
        let cut = self.cut_at.is_some_and(|at| self.ops >= at);
        self.ops += 1;
        self.down |= cut;
        Ok(cut)
    }

    fn strikes(&mut self, ppm: u32) -> bool {
        ppm > 0 && self.prng.below(1_000_000) < u64::from(ppm)
    }

    fn file_id(&self, path: &Path) -> io::Result<u64> {
        match self.names.get(path) {
            Some(Node::File(id)) => Ok(*id),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn name_op(&mut self, dir: &Path, op: NameOp) {
        apply(&mut self.names, op.clone());
        self.pending_names.entry(dir.to_owned()).or_default().push(op);
    }

    /// A changing operation on names: half of those struck by the power cut still happen.
    fn change_names(&mut self, dir: &Path, op: NameOp) -> io::Result<()> {
        let cut = self.step()?;
        if !cut || self.prng.below(2) == 0 {
            self.name_op(dir, op);
        }
        if cut { self.up() } else { Ok(()) }
    }

    fn content(&mut self, id: u64) -> io::Result<&mut SimContent> {
        self.files.get_mut(&id).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

fn apply(names: &mut BTreeMap<PathBuf, Node>, op: NameOp) {
    match op {
        NameOp::Link(path, node) => {
            names.insert(path, node);
        }
        NameOp::Unlink(path) => {
            names.remove(&path);
        }
        NameOp::Rename(from, to, node) => {
            names.remove(&from);
            names.insert(to, node);
        }
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}

impl SimFile {
    fn with<T>(&self, f: impl FnOnce(&mut State, u64) -> io::Result<T>) -> io::Result<T> {
        let mut s = self.disk.state();
        s.up()?;
        if s.boots != self.boot {
            return Err(io::Error::other("a handle from before the power cut"));
        }
        f(&mut s, self.id)
    }
}

impl DiskFile for SimFile {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.with(|s, id| Ok(s.content(id)?.read_at(offset, buf)))
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.with(|s, id| {
            let cut = s.step()?;
            let faults = s.faults;
            let mut n = bytes.len();
            if cut || s.strikes(faults.short_write) {
                n = s.prng.below(n as u64 + 1) as usize;
            }
            if s.strikes(faults.write_error) {
                let some = s.prng.below(n as u64 + 1) as usize;
                s.content(id)?.write_at(offset, &bytes[..some]);
                return Err(io::Error::other("simulated write error"));
            }
            if s.strikes(faults.no_space) {
                return Err(io::ErrorKind::StorageFull.into());
            }
            // A short write of nothing would be an error of its own kind.
            let n = if cut { n } else { n.max(1).min(bytes.len()) };
            s.content(id)?.write_at(offset, &bytes[..n]);
            if cut { s.up().map(|()| 0) } else { Ok(n) }
        })
    }

    fn set_len(&mut self, len: u64) -> io::Result<()> {
        self.with(|s, id| {
            let cut = s.step()?;
            s.content(id)?.set_len(len);
            if cut { s.up() } else { Ok(()) }
        })
    }

    fn len(&self) -> io::Result<u64> {
        self.with(|s, id| Ok(s.content(id)?.len()))
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.with(|s, id| {
            if s.step()? {
                // The cut may come after the data reached the disk but before the answer.
                if s.prng.below(2) == 0 {
                    s.content(id)?.sync();
                }
                return s.up();
            }
            let ppm = s.faults.sync_error;
            if s.strikes(ppm) {
                let mut prng = s.prng;
                s.content(id)?.sync_failed(&mut prng);
                s.prng = prng;
                return Err(io::Error::other("simulated sync error"));
            }
            s.content(id)?.sync();
            Ok(())
        })
    }
}

impl Disk for SimDisk {
    type File = SimFile;
    type Lock = SimLock;

    fn open_read(&self, path: &Path) -> io::Result<SimFile> {
        let s = self.state();
        s.up()?;
        Ok(SimFile { id: s.file_id(path)?, boot: s.boots, disk: self.clone() })
    }

    fn open_write(&self, path: &Path) -> io::Result<SimFile> {
        self.open_read(path)
    }

    fn create(&self, path: &Path) -> io::Result<SimFile> {
        let mut s = self.state();
        s.up()?;
        if s.names.get(parent(path)) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        if let Ok(id) = s.file_id(path) {
            let cut = s.step()?;
            s.content(id)?.set_len(0);
            if cut {
                s.up()?;
            }
            return Ok(SimFile { id, boot: s.boots, disk: self.clone() });
        }
        let id = s.next_file;
        s.next_file += 1;
        s.files.insert(id, SimContent::default());
        s.change_names(parent(path), NameOp::Link(path.to_owned(), Node::File(id)))?;
        Ok(SimFile { id, boot: s.boots, disk: self.clone() })
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        let mut s = self.state();
        let missing: Vec<PathBuf> =
            path.ancestors().filter(|p| !s.names.contains_key(*p)).map(Path::to_owned).collect();
        for dir in missing.into_iter().rev() {
            s.change_names(parent(&dir), NameOp::Link(dir.clone(), Node::Dir))?;
        }
        s.up()
    }

    fn list(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let s = self.state();
        s.up()?;
        if s.names.get(path) != Some(&Node::Dir) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut out = Vec::new();
        for (p, node) in s.names.range(path.to_owned()..).take_while(|(p, _)| p.starts_with(path)) {
            if p.parent() != Some(path) {
                continue;
            }
            let (is_dir, len) = match node {
                Node::Dir => (true, 0),
                Node::File(id) => (false, s.files.get(id).map_or(0, SimContent::len)),
            };
            if let Some(name) = p.file_name().and_then(|n| n.to_str()) {
                out.push(DirEntry { name: name.to_owned(), is_dir, len });
            }
        }
        Ok(out)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut s = self.state();
        s.up()?;
        let node = Node::File(s.file_id(from)?);
        s.change_names(parent(to), NameOp::Rename(from.to_owned(), to.to_owned(), node))
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut s = self.state();
        s.up()?;
        s.file_id(path)?;
        s.change_names(parent(path), NameOp::Unlink(path.to_owned()))
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut s = self.state();
        if s.step()? {
            return s.up();
        }
        let ppm = s.faults.sync_dir_error;
        if s.strikes(ppm) {
            return Err(io::Error::other("simulated directory sync error"));
        }
        let ops = s.pending_names.remove(path).unwrap_or_default();
        for op in ops {
            apply(&mut s.durable_names, op);
        }
        Ok(())
    }

    fn lock(&self, path: &Path, holder: &str) -> Result<SimLock, LockFailure> {
        let mut s = self.state();
        s.up().map_err(LockFailure::Io)?;
        if let Some(held) = s.locks.get(path) {
            return Err(LockFailure::Held(held.clone()));
        }
        s.locks.insert(path.to_owned(), holder.to_owned());
        Ok(SimLock { disk: self.clone(), path: path.to_owned(), boot: s.boots })
    }

    fn space(&self, _path: &Path) -> io::Result<Space> {
        let used: u64 = self.state().files.values().map(SimContent::len).sum();
        let total = 1 << 30;
        Ok(Space { free: total - used.min(total), total })
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        let mut s = self.disk.state();
        if s.boots == self.boot {
            s.locks.remove(&self.path);
        }
    }
}
