//! A command that calls what WASI has as drafts: all of it, in all versions. The
//! first argument says what it does, the others what with.

wit_bindgen::generate!({
    path: "../../draft/wit",
    inline: "
        package witgen:drafts;
        world drafts {
            import wasi:config/store@0.2.0-rc.1;
            import wasi:config/store@0.2.0-draft;
            import wasi:config/runtime@0.2.0-draft;
            import wasi:logging/logging@0.1.0-draft;
            import wasi:logging/logging;
            include wasi:keyvalue/watch-service@0.2.0-draft2;
            include wasi:keyvalue/imports@0.2.0-draft;
        }
    ",
    world: "witgen:drafts/drafts",
    generate_all,
});

use exports::wasi::keyvalue0_2_0_draft2::watcher::Guest;
use wasi::config0_2_0_draft::{runtime, store as config_draft};
use wasi::config0_2_0_rc_1::store as config;
use wasi::keyvalue0_2_0_draft as draft;
use wasi::keyvalue0_2_0_draft2::{atomics, batch, store};
use wasi::logging::logging as unversioned;
use wasi::logging0_1_0_draft::logging;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let arg = |i: usize| args.get(i).map_or("", String::as_str);
    match arg(1) {
        "config" => {
            println!("{:?}", config::get(arg(2)));
            println!("{:?}", config::get_all());
            println!("{:?}", config_draft::get(arg(2)));
            println!("{:?}", config_draft::get_all());
            println!("{:?}", runtime::get(arg(2)));
            println!("{:?}", runtime::get_all());
        }
        "log" => log(arg(2), arg(3)),
        "log-long" => logging::log(logging::Level::Info, &"c".repeat(number(arg(2))), &"m".repeat(number(arg(2)))),
        "store" => show(stores(arg(2))),
        "draft" => show(drafts(arg(2))),
        "cas" => cas(arg(2)),
        "increment" => {
            let b = store::open(arg(2)).unwrap();
            for _ in 0..number(arg(3)) {
                atomics::increment(&b, "n", 1).unwrap();
            }
        }
        "large" => show(large(number(arg(2)))),
        "many" => show(many(number(arg(2)))),
        what => panic!("no {what}"),
    }
}

fn number(s: &str) -> usize {
    s.parse().unwrap()
}

fn show<E: std::fmt::Debug>(r: Result<(), E>) {
    if let Err(e) = r {
        println!("{e:?}");
    }
}

fn log(context: &str, message: &str) {
    use logging::Level::*;
    for level in [Trace, Debug, Info, Warn, Error, Critical] {
        logging::log(level, context, message);
    }
    unversioned::log(unversioned::Level::Warn, "", message);
}

fn text(v: Option<Vec<u8>>) -> String {
    v.map_or("none".into(), |v| String::from_utf8(v).unwrap())
}

/// Calls each function of a bucket, of atomics but cas, and of batch.
fn stores(name: &str) -> Result<(), store::Error> {
    let b = store::open(name)?;
    println!("{} {}", text(b.get("a")?), b.exists("a")?);
    b.set("a", b"one")?;
    b.set("b", b"")?;
    println!("{} {} {:?}", text(b.get("a")?), b.exists("b")?, text(b.get("b")?));
    println!("{} {}", atomics::increment(&b, "n", 40)?, atomics::increment(&b, "n", -50)?);
    println!("{:?}", atomics::increment(&b, "a", 1));
    println!("{:?}", atomics::increment(&b, "n", i64::MIN));
    batch::set_many(&b, &[("x".into(), b"1".to_vec()), ("y".into(), b"2".to_vec())])?;
    let got = batch::get_many(&b, &["x".into(), "no".into(), "y".into()])?;
    println!("{got:?}");
    batch::delete_many(&b, &["x".into(), "no".into()])?;
    b.delete("b")?;
    b.delete("b")?;
    let page = b.list_keys(None)?;
    println!("{:?} {:?}", page.keys, page.cursor);
    println!("{:?}", store::open("elsewhere").err());
    Ok(())
}

/// Does the same in the older draft.
fn drafts(name: &str) -> Result<(), draft::store::Error> {
    let b = draft::store::open(name)?;
    println!("{} {}", text(b.get("a")?), b.exists("a")?);
    b.set("a", b"one")?;
    println!("{}", text(b.get("a")?));
    println!("{} {:?}", draft::atomics::increment(&b, "n", 40)?, draft::atomics::increment(&b, "n", u64::MAX));
    let all: Vec<_> = (0..2500).map(|i| (format!("k{i:04}"), b"v".to_vec())).collect();
    draft::batch::set_many(&b, &all)?;
    println!("{:?}", draft::batch::get_many(&b, &["k0007".into(), "no".into()])?);
    draft::batch::delete_many(&b, &["a".into(), "no".into()])?;
    b.delete("n")?;
    let (mut cursor, mut n) = (None, 0);
    loop {
        let page = b.list_keys(cursor)?;
        println!("{} {} {:?}", page.keys.len(), page.keys[0], page.cursor);
        n += page.keys.len();
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    println!("{n} {} {}", b.list_keys(Some(2499))?.keys[0], b.list_keys(Some(u64::MAX))?.keys.len());
    Ok(())
}

/// Swaps a value, and a value that has changed meanwhile.
fn cas(name: &str) {
    use atomics::{Cas, CasError};
    let b = store::open(name).unwrap();
    let absent = Cas::new(&b, "k").unwrap();
    println!("{}", text(absent.current().unwrap()));
    println!("{:?}", atomics::swap(absent, b"1").is_ok());
    let (old, late) = (Cas::new(&b, "k").unwrap(), Cas::new(&b, "k").unwrap());
    println!("{:?}", atomics::swap(old, b"2").is_ok());
    match atomics::swap(late, b"lost") {
        Err(CasError::CasFailed(again)) => {
            println!("failed at {}", text(again.current().unwrap()));
            println!("{:?}", atomics::swap(again, b"3").is_ok());
        }
        r => println!("{r:?}"),
    }
    println!("{}", text(b.get("k").unwrap()));
    let full = Cas::new(&b, "k").unwrap();
    match atomics::swap(full, &vec![b'x'; 17 << 20]) {
        Err(CasError::StoreError(e)) => println!("{e:?}"),
        r => println!("{:?}", r.is_ok()),
    }
}

/// Has keys and values, names and cursors of so many bytes.
fn large(n: usize) -> Result<(), store::Error> {
    let long = "k".repeat(n);
    println!("{:?}", store::open(&long).err());
    let b = store::open("default")?;
    println!("{:?}", b.set(&long, b"v").err());
    println!("{:?}", b.get(&long).err());
    println!("{:?}", b.set("k", &vec![0; n * 1024]).err());
    println!("{:?}", b.list_keys(Some(&long)).map(|r| r.keys.len()));
    let keys = vec!["k".to_string(); n];
    println!("{:?}", batch::get_many(&b, &keys).map(|l| l.len()));
    Ok(())
}

/// Sets so many keys, and counts them by pages.
fn many(n: usize) -> Result<(), store::Error> {
    let b = store::open("default")?;
    for i in 0..n {
        if let Err(e) = b.set(&format!("{i}"), b"") {
            println!("{i} {e:?}");
            break;
        }
    }
    let (mut cursor, mut keys, mut pages) = (None, 0, 0);
    loop {
        let page = b.list_keys(cursor.as_deref())?;
        keys += page.keys.len();
        pages += 1;
        cursor = page.cursor;
        if cursor.is_none() {
            break;
        }
    }
    println!("{keys} {pages}");
    Ok(())
}

struct Watcher;

impl Guest for Watcher {
    fn on_set(b: store::Bucket, key: String, value: Vec<u8>) {
        b.set(&format!("seen {key}"), &value).unwrap();
    }

    fn on_delete(b: store::Bucket, key: String) {
        b.delete(&format!("seen {key}")).unwrap();
    }
}

export!(Watcher);
