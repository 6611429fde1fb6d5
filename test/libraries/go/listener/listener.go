// A program that listens to SIGHUP, and sends it to itself.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	channel := make(chan os.Signal, 1)
	signal.Notify(channel, syscall.SIGHUP)
	syscall.Kill(os.Getpid(), syscall.SIGHUP)
	fmt.Println(<-channel)
}
