//! A symbolic link that leads to the simulated meter's port for as long as it runs.

use std::io;
use std::path::{Path, PathBuf};

/// The link; it is removed at the end, unless somebody else has taken it over.
pub struct Link {
    path: PathBuf,
    target: Option<PathBuf>,
}

impl Link {
    /// A link at this path, leading nowhere yet.
    pub fn new(path: PathBuf) -> Self {
        Link { path, target: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets it lead elsewhere, at once: nobody ever finds it missing. It replaces an older link, but nothing else.
    pub async fn point(&mut self, target: &Path) -> io::Result<()> {
        match tokio::fs::symlink_metadata(&self.path).await {
            Ok(found) if !found.is_symlink() => return Err(io::ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let mut fresh = self.path.clone().into_os_string();
        fresh.push(format!(".{}", std::process::id()));
        let _ = tokio::fs::remove_file(&fresh).await;
        tokio::fs::symlink(target, &fresh).await?;
        tokio::fs::rename(&fresh, &self.path).await?;
        self.target = Some(target.into());
        Ok(())
    }

    /// Removes it, as a device's name goes with the device.
    pub fn remove(&mut self) {
        let target = self.target.take();
        if target.is_some() && std::fs::read_link(&self.path).ok() == target {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.remove();
    }
}
