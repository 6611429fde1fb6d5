// Go: os/signal.Notify with a channel. receiver latency|burst <signal>
package main

import (
	"encoding/binary"
	"io"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	_ "unsafe"
)

// The runtime's own clock: CLOCK_MONOTONIC in ns, as the driver reads it.
//
//go:linkname nanotime runtime.nanotime
func nanotime() int64

var received, last int64

func main() {
	burst := os.Args[1] == "burst"
	number, err := strconv.Atoi(os.Args[2])
	if err != nil {
		panic(err)
	}
	arrivals := make(chan os.Signal, 65536)
	signal.Notify(arrivals, syscall.Signal(number))
	go reportAtEnd()
	os.Stdout.WriteString("ready\n")
	var bytes [8]byte
	for range arrivals {
		at := nanotime()
		atomic.AddInt64(&received, 1)
		atomic.StoreInt64(&last, at)
		if !burst {
			binary.LittleEndian.PutUint64(bytes[:], uint64(at))
			os.Stdout.Write(bytes[:])
		}
	}
}

func reportAtEnd() {
	io.Copy(io.Discard, os.Stdin)
	var bytes [16]byte
	binary.LittleEndian.PutUint64(bytes[:8], uint64(atomic.LoadInt64(&received)))
	binary.LittleEndian.PutUint64(bytes[8:], uint64(atomic.LoadInt64(&last)))
	os.Stdout.Write(bytes[:])
	os.Exit(0)
}
