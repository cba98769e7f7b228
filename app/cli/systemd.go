package cli

import (
	"net"
	"os"
)

// notifySystemd tells the service manager how far we are (sd_notify(3)): one datagram to the socket that it names. Without one
// nobody wants to know.
func notifySystemd(state string) error {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write([]byte(state))
	return err
}
