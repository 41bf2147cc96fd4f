//! A command for tests of what std does not reach: it calls WASI by bindings of
//! its own. The first argument says what it does.

wit_bindgen::generate!({
    path: "../../p2/wit",
    inline: "
        package witgen:raw;
        world raw {
            import wasi:cli/environment@0.2.12;
            import wasi:cli/exit@0.2.12;
            import wasi:cli/stdin@0.2.12;
            import wasi:cli/stdout@0.2.12;
            import wasi:cli/terminal-stdin@0.2.12;
            import wasi:cli/terminal-stdout@0.2.12;
            import wasi:cli/terminal-stderr@0.2.12;
            import wasi:clocks/monotonic-clock@0.2.12;
            import wasi:clocks/wall-clock@0.2.12;
            @unstable(feature = clocks-timezone)
            import wasi:clocks/timezone@0.2.12;
            import wasi:random/random@0.2.12;
            import wasi:random/insecure@0.2.12;
            import wasi:random/insecure-seed@0.2.12;
        }
    ",
    world: "witgen:raw/raw",
    features: ["clocks-timezone"],
    generate_all,
});

use wasi::cli::{environment, exit, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use wasi::clocks::{monotonic_clock, timezone, wall_clock};
use wasi::io::{poll, streams::StreamError};
use wasi::random::{insecure, insecure_seed, random};

fn main() {
    let args = environment::get_arguments();
    let n = args.get(2).map_or(0, |s| s.parse().unwrap());
    match args[1].as_str() {
        "exit" => exit::exit_with_code(n as u8),
        "cwd" => println!("{:?}", environment::initial_cwd()),
        "terminals" => println!(
            "{} {} {}",
            terminal_stdin::get_terminal_stdin().is_some(),
            terminal_stdout::get_terminal_stdout().is_some(),
            terminal_stderr::get_terminal_stderr().is_some()
        ),
        "timezone" => {
            let when = wall_clock::Datetime { seconds: n, nanoseconds: 0 };
            let d = timezone::display(when);
            println!("{} {} {} {}", d.name, d.utc_offset, d.in_daylight_saving_time, timezone::utc_offset(when));
        }
        "random" => println!("{} {}", random::get_random_bytes(n).len(), random::get_random_u64() != random::get_random_u64()),
        "insecure" => println!("{} {}", insecure::get_insecure_random_bytes(n).len(), insecure::get_insecure_random_u64()),
        "seed" => println!("{:?}", insecure_seed::insecure_seed()),
        "clock" => {
            let (a, b) = (monotonic_clock::now(), monotonic_clock::now());
            println!("{} {} {:?}", a > 0 && a <= b, monotonic_clock::resolution(), wall_clock::resolution());
        }
        "poll-none" => println!("{:?}", poll::poll(&[])),
        "poll-many" => poll_many(n),
        "poll-wait" => {
            let late: Vec<_> = (0..n).map(|_| monotonic_clock::subscribe_duration(1 << 60)).collect();
            poll::poll(&late.iter().collect::<Vec<_>>());
        }
        "poll-same" => {
            let p = monotonic_clock::subscribe_duration(0);
            println!("{}", poll::poll(&vec![&p; n as usize]).len());
        }
        "poll-lie" => poll_lie(n as u32),
        "timers" => {
            for i in 0..n {
                monotonic_clock::subscribe_duration(i << 32);
            }
        }
        "handles" => {
            let all: Vec<_> = (0..n).map(|_| monotonic_clock::subscribe_duration(0)).collect();
            println!("{}", all.len());
        }
        "read" => {
            let s = stdin::get_stdin();
            println!("{:?}", s.blocking_read(n).map(|p| p.len()).map_err(kind));
        }
        "write" => {
            let s = stdout::get_stdout();
            s.check_write().unwrap();
            println!("{:?}", s.write(&vec![b'x'; n as usize]).map_err(kind));
        }
        "write-zeroes" => println!("{:?}", stdout::get_stdout().write_zeroes(n).map_err(kind)),
        "parent-first" => {
            let s = stdin::get_stdin();
            let p = s.subscribe();
            drop(s);
            drop(p);
        }
        "splice" => {
            let (from, to) = (stdin::get_stdin(), stdout::get_stdout());
            while to.blocking_splice(&from, n).is_ok() {}
            to.blocking_flush().unwrap();
        }
        "streams" => streams(),
        what => panic!("no {what}"),
    }
}

fn kind(e: StreamError) -> &'static str {
    match e {
        StreamError::Closed => "closed",
        StreamError::LastOperationFailed(_) => "failed",
    }
}

/// Polls as many timers as it is told, of which the last is ready first, and one
/// of them twice.
fn poll_many(n: u64) {
    let late: Vec<_> = (1..n).map(|_| monotonic_clock::subscribe_duration(u64::MAX)).collect();
    let soon = monotonic_clock::subscribe_duration(1_000_000);
    let mut all: Vec<_> = late.iter().collect();
    all.extend([&soon, &soon]);
    println!("{:?}", poll::poll(&all));
}

/// Polls a list that is said to have so many pollables, all of which there are.
fn poll_lie(n: u32) {
    #[link(wasm_import_module = "wasi:io/poll@0.2.12")]
    unsafe extern "C" {
        #[link_name = "poll"]
        fn raw_poll(list: *const u32, len: u32, ready: *mut [u32; 2]);
    }
    let p = monotonic_clock::subscribe_duration(0);
    let mut ready = [0; 2];
    unsafe { raw_poll(&p.handle(), n, &mut ready) };
    println!("{ready:?}");
}

/// Has several streams of one name, and drops them in any order.
fn streams() {
    let (a, b) = (stdout::get_stdout(), stdout::get_stdout());
    a.check_write().unwrap();
    b.check_write().unwrap();
    a.write(b"one ").unwrap();
    drop(a);
    b.write(b"two ").unwrap();
    b.blocking_flush().unwrap();
    let p = b.subscribe();
    poll::poll(&[&p, &p]);
    drop(p);
    drop(b);
    stdout::get_stdout().blocking_write_and_flush(b"three\n").unwrap();
}
