//! The programs of the guide "First steps in five languages", each as the guide prints it.

use super::kit::{Kit, Need, SOURCES, copy};
use crate::demo::Demo;
use crate::error::Error;
use crate::process::{output, root, run};
use std::fs;
use std::path::PathBuf;

const GUIDE: &str = "api/docs/guides/first-steps.md";
/// What the program in Rust is built with.
const FOLDER: &str = "first-steps";
/// What the guide says of the demo.
const BODY: &str = "CNCA-R-2006-148";
const CLIENT: &str = "clnt_01900000-0000-7000-8000-000000000007";

/// A program; the commands run in a folder of its own.
pub(super) struct Program {
    /// The mark of its block in the guide.
    pub(super) language: &'static str,
    file: &'static str,
    pub(super) needs: &'static [Need],
    /// Compiles or type-checks.
    check: &'static [&'static str],
    run: &'static str,
}

pub(super) const PROGRAMS: [Program; 6] = [
    Program {
        language: "ts",
        file: "first.ts",
        needs: &[Need::Npm],
        check: &[
            "openapi-typescript ../../openapi.yaml --output registry.d.ts",
            "tsc --strict --target es2022 --module nodenext --skipLibCheck first.ts",
        ],
        run: "node first.js",
    },
    Program { language: "python", file: "first.py", needs: &[Need::Pip], check: &[], run: "python first.py" },
    Program { language: "java", file: "First.java", needs: &[Need::Java], check: &[], run: "java First.java" },
    Program {
        language: "go",
        file: "first.go",
        needs: &[Need::Go],
        check: &["go vet first.go"],
        run: "go run first.go",
    },
    Program {
        language: "rust",
        file: "first.rs",
        needs: &[],
        // What it is built with is kept from one time to the next.
        check: &["cargo build -q --locked --target-dir ../../first-steps-built"],
        run: "env ../../first-steps-built/debug/first-steps",
    },
    // The last commands of the guide verify and search.
    Program { language: "sh", file: "verify.sh", needs: &[], check: &[], run: "sh verify.sh" },
];

impl Program {
    /// Takes the program out of the guide, into a folder that holds nothing else but its dependencies.
    pub(super) fn make(&self, kit: &Kit) -> Result<(), Error> {
        let folder = self.folder(kit);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::system(format!("empty {}", folder.display())))?;
        }
        copy(&root().join(SOURCES).join(FOLDER), &folder)?;
        let guide = fs::read_to_string(root().join(GUIDE)).map_err(Error::system(format!("read {GUIDE}")))?;
        let block = block(&guide, self.language)
            .ok_or_else(|| Error::because(format!("{GUIDE} has no program in {}", self.language)))?;
        fs::write(folder.join(self.file), block).map_err(Error::system(format!("write {}", self.file)))?;
        self.check.iter().try_for_each(|line| run(&mut kit.command(line, &folder)))
    }

    /// Runs the program against a demo. It prints a verdict, a product that it found, and a problem with its rule.
    pub(super) fn try_on(&self, kit: &Kit, demo: &Demo) -> Result<(), Error> {
        let key = demo.clients().join("certification-body.pem");
        let mut program = kit.command(self.run, &self.folder(kit));
        program.envs([("REGISTRY", &*demo.url()), ("BODY", BODY), ("CLIENT", CLIENT)]).env("KEY", key);
        let said = output(&mut program)?;
        let wanted: &[&str] = match self.language {
            "sh" => &["eligible", "内平开"],
            _ => &["FIRST/（2026）-", "eligible", "内平开", "/problems/", "out-of-range"],
        };
        match wanted.iter().find(|it| !said.contains(**it)) {
            Some(lacking) => Err(Error::because(format!("{} does not print {lacking}: {said}", self.file))),
            None => Ok(()),
        }
    }

    fn folder(&self, kit: &Kit) -> PathBuf {
        kit.folder().join(FOLDER).join(self.language)
    }
}

/// The last block of a guide that is marked with a language.
fn block<'a>(guide: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = guide.rsplit_once(&format!("\n```{language}\n"))?;
    Some(rest.split_once("```")?.0)
}
