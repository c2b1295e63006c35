// ACM-like certificates for any infrastructure, any DNS provider and any CA.
package certwright
