// A Go library that listens to signals: go build -buildmode=c-shared.
package main

import "C"

import (
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
)

var received int32

//export Listen
func Listen(number C.int) {
	channel := make(chan os.Signal, 16)
	signal.Notify(channel, syscall.Signal(number))
	go func() {
		for range channel {
			atomic.AddInt32(&received, 1)
		}
	}()
}

//export Received
func Received() C.int { return C.int(atomic.LoadInt32(&received)) }

func main() {}
