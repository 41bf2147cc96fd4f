//! A command for tests: the first argument says what it does, the others are
//! that one's.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::time::{Duration, Instant, SystemTime};
use std::{collections::HashMap, env, process, thread};

fn main() {
    let args: Vec<String> = env::args().collect();
    let rest = args.get(2..).unwrap_or_default();
    match args.get(1).map_or("", String::as_str) {
        "args" => println!("{args:?}"),
        "env" => env::vars().for_each(|(k, v)| println!("{k}={v}")),
        "var" => println!("{:?}", env::var(&rest[0])),
        "cwd" => println!("{:?}", env::current_dir()),
        "echo" => {
            io::copy(&mut io::stdin(), &mut io::stdout()).unwrap();
        }
        "lines" => {
            for line in io::stdin().lock().lines() {
                println!("> {}", line.unwrap());
            }
        }
        "first" => {
            let mut line = String::new();
            io::stdin().lock().read_line(&mut line).unwrap();
            print!("{line}");
        }
        "input" => {
            let mut all = Vec::new();
            println!("{:?}", io::stdin().read_to_end(&mut all).map_err(|e| e.kind()));
        }
        "both" => {
            println!("to stdout");
            eprintln!("to stderr");
            print!("no end of line");
        }
        "flood" => flood(rest),
        "wall" => println!("{:?}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap()),
        "sleep" => sleep(rest),
        "random" => {
            // Both maps get keys of their own, which are random.
            let a: HashMap<u8, u8> = HashMap::new();
            println!("{:?}", std::hash::BuildHasher::hash_one(a.hasher(), 1));
        }
        "exit" => process::exit(number(rest, 0) as i32),
        "print-exit" => {
            print!("printed");
            process::exit(number(rest, 0) as i32);
        }
        "err" => {
            eprintln!("this fails");
            process::exit(1);
        }
        "panic" => {
            eprintln!("before");
            panic!("out of {}", rest.join(" "));
        }
        "abort" => process::abort(),
        "spin" => loop {
            std::hint::spin_loop();
        },
        what => {
            eprintln!("command: no {what:?}");
            process::exit(2);
        }
    }
}

fn number(args: &[String], i: usize) -> u64 {
    args.get(i).map_or(0, |s| s.parse().unwrap())
}

/// Writes so many bytes to stdout in blocks of so many, without std's buffer.
fn flood(args: &[String]) {
    let (mut left, block) = (number(args, 0), vec![b'x'; number(args, 1) as usize]);
    let mut out = ManuallyDrop::new(unsafe { File::from_raw_fd(1) });
    while left > 0 {
        let n = left.min(block.len() as u64);
        if let Err(e) = out.write_all(&block[..n as usize]) {
            eprintln!("{:?}", e.kind());
            process::exit(3);
        }
        left -= n;
    }
    out.flush().unwrap();
}

/// Sleeps for milliseconds, and says whether it did.
fn sleep(args: &[String]) {
    let (start, d) = (Instant::now(), Duration::from_millis(number(args, 0)));
    thread::sleep(d);
    println!("{}", start.elapsed() >= d);
}
