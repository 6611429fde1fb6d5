//! Rust: signal-hook's iterator. receiver latency|burst <signal>
use signal_hook::iterator::Signals;
use std::io::Write;
use std::sync::atomic::{AtomicI64, Ordering};

static RECEIVED: AtomicI64 = AtomicI64::new(0);
static LAST: AtomicI64 = AtomicI64::new(0);

fn now() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as i64 * 1_000_000_000 + time.tv_nsec as i64
}

fn report_at_end() {
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).unwrap();
    let mut bytes = RECEIVED.load(Ordering::SeqCst).to_le_bytes().to_vec();
    bytes.extend_from_slice(&LAST.load(Ordering::SeqCst).to_le_bytes());
    let mut output = std::io::stdout();
    output.write_all(&bytes).unwrap();
    output.flush().unwrap();
    std::process::exit(0);
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let burst = arguments[1] == "burst";
    let mut signals = Signals::new([arguments[2].parse::<i32>().unwrap()]).unwrap();
    std::thread::spawn(report_at_end);
    let mut output = std::io::stdout();
    output.write_all(b"ready\n").unwrap();
    output.flush().unwrap();
    for _ in signals.forever() {
        let arrived = now();
        RECEIVED.fetch_add(1, Ordering::SeqCst);
        LAST.store(arrived, Ordering::SeqCst);
        if !burst {
            output.write_all(&arrived.to_le_bytes()).unwrap();
            output.flush().unwrap();
        }
    }
}
