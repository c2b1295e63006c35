// Command verify-chain verifies a leaf with Go's crypto/x509: verify-chain LEAF CHAIN ROOTS NAME.
package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "verify-chain:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 4 {
		return errors.New("usage: verify-chain LEAF CHAIN ROOTS NAME")
	}
	leaf, err := leafOf(args[0])
	if err != nil {
		return err
	}
	chain, err := poolOf(args[1])
	if err != nil {
		return err
	}
	roots, err := poolOf(args[2])
	if err != nil {
		return err
	}
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: args[3], Intermediates: chain, Roots: roots})
	return err
}

func leafOf(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM", path)
	}
	return x509.ParseCertificate(block.Bytes)
}

func poolOf(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificates", path)
	}
	return pool, nil
}
