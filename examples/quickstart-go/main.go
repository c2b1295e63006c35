// Two certificates for a domain: records published, issue awaited, chain handed on.
package main

import (
	"github.com/certwright/certwright/sdk/go/certwright"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		domain := config.Require(ctx, "domain")
		names := []string{domain, "*." + domain, "shop." + domain}

		web, err := certwright.NewCertificate(ctx, "web", &certwright.CertificateArgs{
			DomainName:              pulumi.String(domain),
			SubjectAlternativeNames: pulumi.ToStringArray(names[1:]),
		})
		if err != nil {
			return err
		}
		api, err := certwright.NewCertificate(ctx, "api", &certwright.CertificateArgs{
			DomainName:   pulumi.String("api." + domain),
			KeyAlgorithm: certwright.KeyAlgorithmEcPrime256v1,
		})
		if err != nil {
			return err
		}

		fqdns, err := publish(ctx, domain, names, api)
		if err != nil {
			return err
		}
		if err := await(ctx, "web", web, fqdns); err != nil {
			return err
		}
		if err := await(ctx, "api", api, fqdns); err != nil {
			return err
		}
		bundle, err := certwright.GetTrustBundle(ctx)
		if err != nil {
			return err
		}
		ctx.Export("trustBundle", pulumi.String(bundle.Pem))
		return nil
	})
}

func publish(
	ctx *pulumi.Context, domain string, names []string, api *certwright.Certificate,
) (fqdns pulumi.StringArray, err error) {
	var shown pulumi.MapArray
	add := func(resource string, record certwright.ValidationRecordArgs) error {
		record.Zone = pulumi.String(domain)
		made, err := certwright.NewValidationRecord(ctx, resource, &record)
		if err != nil {
			return err
		}
		fqdns = append(fqdns, made.Fqdn)
		shown = append(shown, pulumi.Map{"name": made.Name, "type": made.Type, "value": made.Value})
		return nil
	}

	// Plain values, known before anything exists: a loop makes the records, with any DNS provider's resource.
	found, err := certwright.GetValidationRecords(ctx, &certwright.GetValidationRecordsArgs{DomainNames: names})
	if err != nil {
		return nil, err
	}
	for _, record := range found.Records {
		err := add(record.Name, certwright.ValidationRecordArgs{
			Name:  pulumi.String(record.Name),
			Type:  pulumi.String(record.Type),
			Value: pulumi.String(record.Value),
		})
		if err != nil {
			return nil, err
		}
	}

	// The same from a certificate's outputs, for names that come from other resources.
	option := api.DomainValidationOptions.Index(pulumi.Int(0))
	err = add("api-record", certwright.ValidationRecordArgs{
		Name:  option.ResourceRecordName(),
		Type:  option.ResourceRecordType(),
		Value: option.ResourceRecordValue(),
	})
	ctx.Export("records", shown)
	return fqdns, err
}

func await(ctx *pulumi.Context, name string, certificate *certwright.Certificate, fqdns pulumi.StringArray) error {
	issued, err := certwright.NewCertificateValidation(ctx, name, &certwright.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: fqdns,
	})
	if err != nil {
		return err
	}
	ctx.Export(name, pulumi.Map{
		"arn":         issued.CertificateArn,
		"notAfter":    issued.NotAfter,
		"certificate": issued.CertificatePem,
		"chain":       issued.ChainPem,
	})
	return nil
}
