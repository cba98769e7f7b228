// Package notify will hold how a message is delivered, and when again: lanes, attempts, back-off, and a folder for each channel.
// It holds nothing yet, since nothing is announced before there are incidents; its place in the house is here so that what
// comes knows where it belongs. It will never know what a message is about.
package notify
