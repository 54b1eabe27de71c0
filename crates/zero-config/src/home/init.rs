//! Makes a partition. A second run changes nothing and says so.

use super::guard::{GuardedDir, HomeError};
use super::{DIRECTORIES, Home, OperatorId, Partition};
use crate::docs;
use crate::keys::{KeyError, KeyRing, Purpose};
use std::path::PathBuf;
use zero_core::Ts;

/// What `init` is to make beside the directories and the configuration file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitOptions {
    /// Create the journal and proof keys where there are none.
    pub keys: bool,
    /// Time of creation, recorded with the keys.
    pub now: Ts,
}

/// A thing that `init` looks after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub what: &'static str,
    /// Made now; false where it was there already.
    pub created: bool,
}

/// What `init` did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitReport {
    /// The partition.
    pub partition: Partition,
    /// Everything it looked after, in order.
    pub items: Vec<Item>,
}

impl InitReport {
    /// Whether anything was made.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.items.iter().any(|i| i.created)
    }
}

/// Makes what is missing of an operator's partition. What is there is checked and left as it is.
///
/// # Errors
/// [`KeyError`], which carries a [`HomeError`] where the file system is at fault.
pub fn init(home: &Home, operator: &OperatorId, options: InitOptions) -> Result<InitReport, KeyError> {
    let partition = home.partition(operator);
    let mut items = Vec::new();
    let dir = directories(home, operator, &mut items)?;
    let created = dir.write_new("config.toml", docs::config_template().as_bytes())?;
    items.push(Item { path: partition.config_file(), what: "configuration", created });
    super::tokens::init_tokens(&dir, &mut items)?;
    if options.keys {
        let mut ring = KeyRing::open(&partition)?;
        // The operator's own key needs a passphrase: `zero keys create operator` makes it.
        for purpose in Purpose::ALL.iter().filter(|p| !p.is_sealed()) {
            let created = ring.active(*purpose).is_none() && ring.is_empty(*purpose);
            if created {
                ring.create(*purpose, options.now)?;
            }
            items.push(Item { path: ring.chain_path(*purpose), what: "key", created });
        }
    }
    Ok(InitReport { partition, items })
}

fn directories(home: &Home, operator: &OperatorId, items: &mut Vec<Item>) -> Result<GuardedDir, HomeError> {
    let (root, created) = GuardedDir::root(home.root())?;
    items.push(Item { path: root.path().to_owned(), what: "root", created });
    let (operators, _) = root.dir("operators")?;
    let (dir, created) = operators.dir(operator.as_str())?;
    items.push(Item { path: dir.path().to_owned(), what: "partition", created });
    for name in DIRECTORIES {
        let (sub, created) = dir.dir(name)?;
        items.push(Item { path: sub.path().to_owned(), what: "directory", created });
    }
    dir.sync()?;
    operators.sync()?;
    root.sync()?;
    Ok(dir)
}
