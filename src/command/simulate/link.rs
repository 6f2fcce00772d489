//! A symbolic link to the port of the simulated meter, kept while it runs.

use std::io;
use std::path::{Path, PathBuf};

/// The link. It is removed at the end, unless another program has replaced it.
pub struct Link {
    path: PathBuf,
    target: Option<PathBuf>,
}

impl Link {
    /// A link at this path that is to be made.
    pub fn new(path: PathBuf) -> Self {
        Link { path, target: None }
    }

    /// The path of the link.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Changes the target without a moment in which the link is missing. An older link is replaced, but nothing else.
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

    /// Removes the link, as the name of a device is removed with the device.
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
