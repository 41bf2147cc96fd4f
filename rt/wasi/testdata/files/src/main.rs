//! The guest of the tests of files: what std::fs makes of wasi:filesystem. Its
//! first argument says what to do, the others with which paths.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::time::{Duration, UNIX_EPOCH};

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["tour", dir] => tour(dir),
        ["read", path] => fs::read_to_string(path).map(|s| print!("{s}")),
        ["write", path, text] => fs::write(path, text),
        ["append", path, text] => OpenOptions::new().append(true).open(path).and_then(|mut f| f.write_all(text.as_bytes())),
        ["list", path] => list(path),
        ["count", path] => fs::read_dir(path).map(|d| println!("{}", d.count())),
        ["stat", path] => fs::metadata(path).map(|m| println!("{} {:?}", m.len(), m.file_type())),
        ["remove", path] => fs::remove_file(path),
        ["mkdir", path] => fs::create_dir(path),
        ["rename", from, to] => fs::rename(from, to),
        ["link", from, to] => fs::hard_link(from, to),
        ["truncate", path] => OpenOptions::new().write(true).truncate(true).open(path).map(drop),
        ["fill", path, n] => fill(path, n.parse().unwrap()),
        ["copy", from, to] => copy(from, to),
        ["drain", from] => copy(from, ""),
        _ => Err(io::Error::other("no such command")),
    };
    if let Err(e) = done {
        match e.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => println!("{:?}", e.kind()),
            _ => println!("error {}", e.raw_os_error().unwrap_or(0)),
        }
    }
}

/// Does everything once, and panics where something is not as it should be.
fn tour(dir: &str) -> io::Result<()> {
    let at = |name: &str| format!("{dir}/{name}");
    fs::create_dir_all(at("a/b/c"))?;
    assert_eq!(fs::create_dir(at("a")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);

    let mut f = File::create_new(at("a/file"))?;
    f.write_all(b"hello world")?;
    assert_eq!(File::create_new(at("a/file")).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    drop(f);
    assert!(File::open(at("a/file"))?.write(b"x").is_err());
    assert!(OpenOptions::new().write(true).open(at("a/file"))?.read(&mut [0]).is_err());

    let mut f = OpenOptions::new().read(true).write(true).open(at("a/file"))?;
    let mut s = String::new();
    f.read_to_string(&mut s)?;
    assert_eq!(s, "hello world");
    assert_eq!(f.seek(SeekFrom::Start(6))?, 6);
    f.write_all(b"WORLD")?;
    assert_eq!(f.stream_position()?, 11);
    assert_eq!(f.seek(SeekFrom::End(-5))?, 6);
    assert_eq!(f.seek(SeekFrom::Current(1))?, 7);
    let mut four = [0; 4];
    f.read_exact(&mut four)?;
    assert_eq!(&four, b"ORLD");
    assert_eq!(f.read(&mut four)?, 0);
    assert!(f.seek(SeekFrom::Current(-100)).is_err());
    f.set_len(5)?;
    assert_eq!(f.metadata()?.len(), 5);
    f.set_len(7)?;
    f.sync_all()?;
    f.sync_data()?;
    drop(f);
    assert_eq!(fs::read(at("a/file"))?, b"hello\0\0");

    let mut one = OpenOptions::new().append(true).create(true).open(at("a/log"))?;
    let mut two = OpenOptions::new().append(true).open(at("a/log"))?;
    writeln!(one, "1")?;
    writeln!(two, "2")?;
    one.seek(SeekFrom::Start(0))?;
    writeln!(one, "3")?;
    assert_eq!(fs::read_to_string(at("a/log"))?, "1\n2\n3\n");

    let m = fs::metadata(at("a/log"))?;
    assert!(m.is_file() && m.len() == 6);
    assert!(m.modified()?.duration_since(UNIX_EPOCH).unwrap() > Duration::from_secs(1_600_000_000));
    let f = OpenOptions::new().write(true).open(at("a/log"))?;
    f.set_modified(UNIX_EPOCH + Duration::new(1_000_000_000, 5000))?;
    assert_eq!(f.metadata()?.modified()?, UNIX_EPOCH + Duration::new(1_000_000_000, 5000));
    drop(f);
    assert!(fs::metadata(at("a"))?.is_dir());
    assert_eq!(fs::metadata(at("none")).unwrap_err().kind(), io::ErrorKind::NotFound);

    fs::rename(at("a/log"), at("a/b/moved"))?;
    assert!(!fs::exists(at("a/log"))?);
    fs::hard_link(at("a/b/moved"), at("a/second"))?;
    assert_eq!(fs::copy(at("a/second"), at("a/third"))?, 6);
    assert_eq!(fs::read_to_string(at("a/third"))?, "1\n2\n3\n");

    let mut names: Vec<_> = fs::read_dir(at("a"))?
        .map(|e| e.map(|e| (e.file_name().into_string().unwrap(), e.file_type().unwrap().is_dir())))
        .collect::<io::Result<_>>()?;
    names.sort();
    println!("{names:?}");

    assert_eq!(fs::remove_dir(at("a")).unwrap_err().raw_os_error(), Some(55)); // ENOTEMPTY
    assert!(fs::remove_file(at("a")).is_err());
    fs::remove_file(at("a/third"))?;
    assert_eq!(fs::remove_file(at("a/third")).unwrap_err().kind(), io::ErrorKind::NotFound);

    let mut w = BufWriter::new(File::create(at("lines"))?);
    for i in 0..10_000 {
        writeln!(w, "line {i}")?;
    }
    w.flush()?;
    let lines = BufReader::new(File::open(at("lines"))?).lines().map_while(Result::ok);
    assert!(lines.enumerate().all(|(i, line)| line == format!("line {i}")));

    fs::remove_dir_all(at("a"))?;
    println!("done");
    Ok(())
}

fn list(path: &str) -> io::Result<()> {
    let mut names: Vec<_> = fs::read_dir(path)?
        .map(|e| e.map(|e| e.file_name().into_string().unwrap()))
        .collect::<io::Result<_>>()?;
    names.sort();
    println!("{}", names.join(" "));
    Ok(())
}

/// Writes a file of n bytes.
fn fill(path: &str, n: usize) -> io::Result<()> {
    let mut f = File::create(path)?;
    let b: Vec<u8> = (0..1 << 16).map(|i| i as u8).collect();
    let mut left = n;
    while left > 0 {
        left -= f.write(&b[..left.min(b.len())])?;
    }
    Ok(())
}

/// Copies a file by a buffer of 256 KiB, to nowhere if there is no other path.
fn copy(from: &str, to: &str) -> io::Result<()> {
    let mut r = File::open(from)?;
    let mut w = if to.is_empty() { None } else { Some(File::create(to)?) };
    let mut b = vec![0; 1 << 18];
    loop {
        let n = r.read(&mut b)?;
        if n == 0 {
            return Ok(());
        }
        if let Some(w) = &mut w {
            w.write_all(&b[..n])?;
        }
    }
}
