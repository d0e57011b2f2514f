//! A demo of the registry with data of its own, on a free port, until it is dropped.

use crate::error::Error;
use crate::process::lvcai;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long it may take to make its data and to listen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A demo that serves.
pub(crate) struct Demo {
    child: Child,
    address: String,
    folder: PathBuf,
}

impl Demo {
    /// Builds the program, and starts it in a folder that is emptied before, on SQLite or on the database at an address.
    pub(crate) fn start(folder: PathBuf, database: Option<&str>) -> Result<Self, Error> {
        let program = lvcai()?;
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::system("empty the folder of the demo"))?;
        }
        fs::create_dir_all(&folder).map_err(Error::system("make the folder of the demo"))?;
        let (address, admin) = (free_address()?, free_address()?);
        let mut demo = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LVCAI_")) {
            demo.env_remove(name);
        }
        demo.envs([("LVCAI_ADDRESS", &*address), ("LVCAI_ADMIN_ADDRESS", &*admin), ("LVCAI_LOG", "warn")]);
        demo.envs(database.map(|it| ("LVCAI_DATABASE_URL", it)));
        demo.arg("demo").current_dir(&folder).stdin(Stdio::null()).stdout(Stdio::null());
        let child = demo.spawn().map_err(Error::system("start the demo"))?;
        // From here on it is ended whatever happens.
        let mut demo = Self { child, address, folder };
        demo.wait()?;
        Ok(demo)
    }

    fn wait(&mut self) -> Result<(), Error> {
        let began = Instant::now();
        while TcpStream::connect(&self.address).is_err() {
            let ended = self.child.try_wait().map_err(Error::system("look after the demo"))?;
            if ended.is_some() || began.elapsed() > PATIENCE {
                return Err(Error::because("the demo does not serve"));
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// Its address, which is its issuer too.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The folder with the ids and the keys of its clients.
    pub(crate) fn clients(&self) -> PathBuf {
        self.folder.join("data/demo")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Nobody needs its data any more, so it need not be asked to stop in good order.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn free_address() -> Result<String, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(Error::system("find a free port"))?;
    listener.local_addr().map(|it| it.to_string()).map_err(Error::system("find a free port"))
}
