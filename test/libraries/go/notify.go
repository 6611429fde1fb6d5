// A Go library that listens to signals: go build -buildmode=c-shared.
package main

import "C"

import (
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
)

var (
	received int32
	channel  = make(chan os.Signal, 16)
	sink     int32
)

//export Listen
func Listen(number C.int) {
	signal.Notify(channel, syscall.Signal(number))
	go func() {
		for range channel {
			atomic.AddInt32(&received, 1)
		}
	}()
}

//export Received
func Received() C.int { return C.int(atomic.LoadInt32(&received)) }

//export Leave
func Leave() { signal.Stop(channel) }

func dereference(pointer *int32) (recovered int) {
	defer func() {
		if recover() != nil {
			recovered = 1
		}
	}()
	sink = *pointer
	return 0
}

// Dereferences nil, so many times on the calling thread; answers how many panics were recovered.
//
//export Panics
func Panics(times C.int) C.int {
	recovered := 0
	for i := 0; i < int(times); i++ {
		recovered += dereference(nil)
	}
	return C.int(recovered)
}

// The same on a goroutine, which runs on a thread of Go's own.
//
//export PanicsElsewhere
func PanicsElsewhere(times C.int) C.int {
	result := make(chan C.int)
	go func() { result <- Panics(times) }()
	return <-result
}

// How often, of so many times, the collector could stop a goroutine that never leaves its loop.
//
//export Preempts
func Preempts(times C.int) C.int {
	for i := 0; i < int(times); i++ {
		var over, begun int32
		go func() {
			atomic.StoreInt32(&begun, 1)
			for atomic.LoadInt32(&over) == 0 {
			}
		}()
		for atomic.LoadInt32(&begun) == 0 {
			runtime.Gosched()
		}
		runtime.GC()
		atomic.StoreInt32(&over, 1)
	}
	return times
}

func main() {}
