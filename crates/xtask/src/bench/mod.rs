//! The benchmark: a registry of made-up products, asked over the loopback interface, beside the least that actix-web
//! can do with an answer of the same size.
//!
//! `LVCAI_BENCH_SECONDS` is how long each measurement takes, `LVCAI_BENCH_PRODUCTS` how many products there are.
//! Absolute rates are this machine's; ratios travel.

mod batch;
mod data;
mod http;
mod load;
mod registry;

use crate::cluster::{Cluster, Durability};
use crate::error::Error;
use crate::process::{command, quietly, root, variable};
use crate::server::programs;
use data::RECORD;
use load::{Load, Measured, Script, per_second};
use registry::{BODY, Programs, Registry, Server};
use std::fs;
use std::path::Path;
use std::str::FromStr;

/// Connections that read at once.
const READERS: usize = 64;
/// Clients that push at once.
const PUSHERS: usize = 32;
/// Clients that verify at once, each with many numbers.
const VERIFIERS: usize = 8;
/// Numbers in one call of verification.
const NUMBERS: usize = 1_000;
/// Products whose pages are asked for.
const SAMPLE: usize = 10_000;

/// Builds, fills, measures and prints the table.
pub(crate) fn run(database: &str) -> Result<(), Error> {
    let (seconds, products) = (setting("LVCAI_BENCH_SECONDS", 10)?, setting("LVCAI_BENCH_PRODUCTS", 100_000)?);
    let folder = root().join("bench-data").join(database);
    if !["sqlite", "postgres"].contains(&database) {
        return Err(Error::because(format!("there is no database `{database}`: sqlite or postgres")));
    }
    let load = Load::prepare(&folder, seconds)?;
    let binaries = Programs::build()?;
    renew(&folder)?;
    let cluster = if database == "postgres" { Some(Cluster::start(&programs()?, Durability::Full)?) } else { None };
    let file = format!("sqlite:{}", folder.join("lvcai.db").display());
    let registry = Registry::make(&binaries, &folder, cluster.as_ref().map_or(file, |it| it.url().to_owned()))?;
    let files = data::write(&folder, products)?;
    let imported = registry.fill(&files)?;
    let bench = Bench { load, registry: &registry, folder: &folder, products };
    let rows = bench.measure(&binaries)?;
    let batches = batch::measure(&registry, seconds)?;
    println!("\n{}", facts(cluster.is_some())?);
    println!("{products} products, imported at {:.0} rows/s; {seconds} s each\n", per_second(products, imported));
    load::table(&rows);
    batch::table(&batches);
    Ok(())
}

struct Bench<'run> {
    load: Load,
    registry: &'run Registry<'run>,
    folder: &'run Path,
    products: usize,
}

impl Bench<'_> {
    fn measure(&self, binaries: &Programs) -> Result<Vec<Measured>, Error> {
        let server = self.registry.serve()?;
        let ids = sample(server.port)?;
        let by_id = self.lines("ids.txt", ids.iter().map(|it| format!("/v1/products/{it}")))?;
        let page = self.lines("page.txt", ["/v1/products?limit=50".to_owned()])?;
        let words = data::words();
        let words = self.lines("words.txt", words.iter().map(|it| format!("/v1/products?q={}", http::encoded(it))))?;
        let size = http::get(server.port, &format!("/v1/products/{}", ids.first().map_or("", String::as_str)))?.len();
        let mut rows = Vec::new();
        let hello = binaries.hello(size)?;
        let reads = [
            (format!("hello, {size} bytes"), hello.port, &by_id),
            ("product by id".to_owned(), server.port, &by_id),
            ("page of 50 products".to_owned(), server.port, &page),
            ("search for two characters, page of 50".to_owned(), server.port, &words),
        ];
        for (name, port, paths) in reads {
            rows.push(self.load.measure(&name, (port, READERS), (Script::Paths, &[paths]))?);
        }
        rows.push(self.verifications(&server)?);
        rows.push(self.pushes(&server)?);
        Ok(rows)
    }

    fn verifications(&self, server: &Server) -> Result<Measured, Error> {
        let questions = data::numbers(self.products, NUMBERS).into_iter();
        let questions: Vec<_> = questions.map(|it| format!("{{\"certificate_number\":\"{it}\"}}")).collect();
        let body = self.file("verifications.json", &format!("{{\"items\":[{}]}}", questions.join(",")))?;
        let name = format!("{NUMBERS} verifications in one call");
        self.load.measure(&name, (server.port, VERIFIERS), (Script::Post, &["/v1/verifications", &body]))
    }

    fn pushes(&self, server: &Server) -> Result<Measured, Error> {
        let token = self.file("token", &self.registry.token(server.port)?)?;
        let record = self.file("record.json", RECORD)?;
        let path = format!("/v1/certification-bodies/{BODY}/certificates/");
        self.load.measure("certificate pushes", (server.port, PUSHERS), (Script::Push, &[&path, &record, &token]))
    }

    fn lines(&self, name: &str, lines: impl IntoIterator<Item = String>) -> Result<String, Error> {
        self.file(name, &lines.into_iter().map(|it| it + "\n").collect::<String>())
    }

    /// Writes a file for wrk and returns its path.
    fn file(&self, name: &str, text: &str) -> Result<String, Error> {
        let file = self.folder.join(name);
        fs::write(&file, text).map_err(Error::system(format!("write {}", file.display())))?;
        Ok(file.display().to_string())
    }
}

/// Products from the first pages.
fn sample(port: u16) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    let mut path = "/v1/products?limit=500".to_owned();
    while ids.len() < SAMPLE {
        let page = http::get(port, &path)?;
        ids.extend(http::members(&page, "id").filter(|it| it.starts_with("prod_")).map(str::to_owned));
        let Some(next) = http::member(&page, "next") else { break };
        path = format!("/v1/products?limit=500&cursor={next}");
    }
    if ids.is_empty() { Err(Error::because("the registry shows no products")) } else { Ok(ids) }
}

/// What the figures depend on.
fn facts(postgres: bool) -> Result<String, Error> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = model.lines().find(|it| it.starts_with("model name")).and_then(|it| it.split(": ").nth(1));
    let database = if postgres {
        quietly(command(programs()?.join("postgres")).arg("--version"))? + ", fsync = on"
    } else {
        format!("SQLite, libsqlite3-sys {}", locked("libsqlite3-sys").unwrap_or_default())
    };
    Ok(format!("{cores} cores ({}), which the load shares; {database}", model.unwrap_or("unknown")))
}

/// The version of a package in Cargo.lock.
fn locked(package: &str) -> Option<String> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).ok()?;
    let after = lock.split(&format!("name = \"{package}\"\nversion = \"")).nth(1)?;
    after.split('"').next().map(str::to_owned)
}

fn setting<N: FromStr>(name: &str, default: N) -> Result<N, Error> {
    let Some(value) = variable(name) else { return Ok(default) };
    value.parse().map_err(|_| Error::because(format!("{name} is `{value}`, which is not a number")))
}

/// Empties the folder of the run before.
fn renew(folder: &Path) -> Result<(), Error> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(Error::system(format!("delete {}", folder.display())))?;
    }
    fs::create_dir_all(folder).map_err(Error::system(format!("make {}", folder.display())))
}
