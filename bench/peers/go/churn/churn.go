// Registers and unregisters all the time, and answers each signal. churn <signal>
package main

import (
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
)

func main() {
	number, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	arrivals := make(chan os.Signal, 65536)
	go answer(arrivals)
	signal.Notify(arrivals, syscall.Signal(number))
	os.Stdout.WriteString("ready\n")
	for {
		runtime.Gosched()
		signal.Stop(arrivals)
		signal.Notify(arrivals, syscall.Signal(number))
	}
}

func answer(arrivals chan os.Signal) {
	var bytes [4]byte
	for range arrivals {
		os.Stdout.Write(bytes[:])
	}
}
