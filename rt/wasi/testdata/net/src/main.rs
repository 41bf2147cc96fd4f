//! A command for tests that uses the network: the first argument says how, the
//! others are that one's. Errors are printed as their kind.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};

fn main() {
    let args: Vec<String> = env::args().collect();
    let rest = args.get(2..).unwrap_or_default();
    let done = match args.get(1).map_or("", String::as_str) {
        "ask" => ask(rest),
        "serve" => serve(rest),
        "lookup" => lookup(rest),
        "options" => options(rest),
        "datagram-ask" => datagram_ask(rest),
        "datagram-serve" => datagram_serve(rest),
        "copy" => copy(rest),
        what => {
            eprintln!("net: no {what:?}");
            std::process::exit(2);
        }
    };
    if let Err(e) = done {
        println!("error: {:?}", e.kind());
    }
}

/// Connects to an address or a name, says something, and prints what it hears
/// until the other side has nothing more to say.
fn ask(args: &[String]) -> io::Result<()> {
    let mut stream = TcpStream::connect(&args[0])?;
    stream.write_all(args[1].as_bytes())?;
    stream.shutdown(Shutdown::Write)?;
    let mut heard = String::new();
    stream.read_to_string(&mut heard)?;
    println!("{heard}");
    println!("{}", stream.peer_addr()? == args[0].to_socket_addrs()?.next().unwrap());
    Ok(())
}

/// Listens at an address, which it prints, and returns to so many connections what
/// they say, one after the other.
fn serve(args: &[String]) -> io::Result<()> {
    let listener = TcpListener::bind(&args[0])?;
    println!("{}", listener.local_addr()?);
    for _ in 0..args[1].parse::<usize>().unwrap() {
        let (mut stream, from) = listener.accept()?;
        if stream.peer_addr()? != from {
            println!("from {from}, and not");
        }
        let mut buf = vec![0; 64 << 10];
        loop {
            let n = stream.read(&mut buf)?;
            if n == 0 {
                break;
            }
            stream.write_all(&buf[..n])?;
        }
    }
    Ok(())
}

/// Prints the addresses of a name.
fn lookup(args: &[String]) -> io::Result<()> {
    let mut all: Vec<SocketAddr> = args[0].to_socket_addrs()?.collect();
    all.sort();
    println!("{all:?}");
    Ok(())
}

/// Sets the options of a connection, and prints them.
fn options(args: &[String]) -> io::Result<()> {
    let stream = TcpStream::connect(&args[0])?;
    stream.set_ttl(42)?;
    println!("ttl {}", stream.ttl()?);
    stream.set_read_timeout(Some(std::time::Duration::from_millis(20)))?;
    println!("read timeout {:?}", (&stream).read(&mut [0]).map_err(|e| e.kind()));
    stream.set_nonblocking(true)?;
    println!("nonblocking {:?}", (&stream).read(&mut [0]).map_err(|e| e.kind()));
    Ok(())
}

/// Sends a datagram and prints the answer.
fn datagram_ask(args: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    let mut buf = [0; 1500];
    socket.send_to(args[1].as_bytes(), &args[0])?;
    let (n, from) = socket.recv_from(&mut buf)?;
    println!("{} {}", String::from_utf8_lossy(&buf[..n]), from.to_string() == args[0]);
    socket.connect(&args[0])?;
    socket.send(b"again")?;
    let n = socket.recv(&mut buf)?;
    println!("{} {}", String::from_utf8_lossy(&buf[..n]), socket.peer_addr()?.to_string() == args[0]);
    Ok(())
}

/// Answers so many datagrams with what they say.
fn datagram_serve(args: &[String]) -> io::Result<()> {
    let socket = UdpSocket::bind(&args[0])?;
    println!("{}", socket.local_addr()?);
    let mut buf = [0; 1500];
    for _ in 0..args[1].parse::<usize>().unwrap() {
        let (n, from) = socket.recv_from(&mut buf)?;
        socket.send_to(&buf[..n], from)?;
    }
    Ok(())
}

/// Connects, and sends what it receives back in blocks of so many bytes, until
/// there is nothing more.
fn copy(args: &[String]) -> io::Result<()> {
    let mut stream = TcpStream::connect(&args[0])?;
    let mut buf = vec![0; args[1].parse::<usize>().unwrap()];
    loop {
        let n = stream.read(&mut buf)?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buf[..n])?;
    }
}
