// Every resource and function with inputs of every kind, under a provider of its own.
package main

import (
	"github.com/certwright/certwright/sdk/go/certwright"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		domain := config.Require(ctx, "domain")
		provider, err := certwright.NewProvider(ctx, "own", &certwright.ProviderArgs{
			Account:   pulumi.String("123456789012"),
			Resolvers: pulumi.ToStringArray([]string{config.Require(ctx, "resolver")}),
			Preflight: pulumi.Bool(true),
			Rfc2136: &certwright.Rfc2136Args{
				Server:       pulumi.String("127.0.0.1"),
				Port:         pulumi.Int(config.RequireInt(ctx, "port")),
				KeyName:      pulumi.String("updater"),
				KeyAlgorithm: certwright.TsigAlgorithmHmacSha256,
				KeySecret:    config.RequireSecret(ctx, "keySecret"),
			},
			DefaultTags: pulumi.ToStringMap(map[string]string{"team": "web"}),
		})
		if err != nil {
			return err
		}
		return declare(ctx, domain, pulumi.Provider(provider))
	})
}

func declare(ctx *pulumi.Context, domain string, own pulumi.ResourceOrInvokeOption) error {
	certificate, err := certwright.NewCertificate(ctx, "certificate", &certwright.CertificateArgs{
		DomainName:              pulumi.String(domain),
		SubjectAlternativeNames: pulumi.ToStringArray([]string{"*." + domain}),
		ValidationMethod:        certwright.ValidationMethodDns,
		KeyAlgorithm:            certwright.KeyAlgorithmEcPrime256v1,
		Issuer:                  pulumi.String("embedded"),
		Validity:                certwright.ValidityArgs{Type: certwright.ValidityUnitDays, Value: pulumi.Int(90)},
		Options:                 certwright.CertificateOptionsArgs{Export: certwright.ExportOptionEnabled},
		EarlyRenewalDuration:    pulumi.String("P30D"),
		KeyRotation:             certwright.KeyRotationNever,
		RenewalOutputs:          certwright.RenewalOutputsFollow,
		Repin:                   pulumi.String("first"),
		Tags:                    pulumi.ToStringMap(map[string]string{"stage": "test"}),
	}, own)
	if err != nil {
		return err
	}
	option := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record, err := certwright.NewValidationRecord(ctx, "record", &certwright.ValidationRecordArgs{
		Zone:  pulumi.String(domain),
		Name:  option.ResourceRecordName(),
		Type:  option.ResourceRecordType(),
		Value: option.ResourceRecordValue(),
		Ttl:   pulumi.Int(60),
	}, own)
	if err != nil {
		return err
	}
	issued, err := certwright.NewCertificateValidation(ctx, "issued", &certwright.CertificateValidationArgs{
		CertificateArn:        certificate.Arn,
		ValidationRecordFqdns: pulumi.StringArray{record.Fqdn},
	}, own)
	if err != nil {
		return err
	}
	ctx.Export("arn", certificate.Arn)
	ctx.Export("recordName", record.Name)
	ctx.Export("key", issued.PrivateKeyPem)
	return ask(ctx, domain, issued, own)
}

func ask(
	ctx *pulumi.Context, domain string, issued *certwright.CertificateValidation, own pulumi.ResourceOrInvokeOption,
) error {
	found := certwright.LookupCertificateOutput(ctx, certwright.LookupCertificateOutputArgs{
		Domain:     issued.CertificateArn.ApplyT(func(string) string { return domain }).(pulumi.StringOutput),
		Statuses:   pulumi.StringArray{certwright.CertificateStatusIssued},
		KeyTypes:   pulumi.StringArray{certwright.KeyAlgorithmEcPrime256v1},
		MostRecent: pulumi.Bool(true),
	}, own)
	records := certwright.GetValidationRecordsOutput(ctx, certwright.GetValidationRecordsOutputArgs{
		DomainNames: pulumi.ToStringArray([]string{domain}),
	}, own)
	bundle := certwright.GetTrustBundleOutput(ctx, own)
	ctx.Export("foundArn", found.Arn())
	ctx.Export("names", found.SubjectAlternativeNames())
	ctx.Export("tags", found.Tags())
	ctx.Export("recordNames", records.Records().ApplyT(func(items []certwright.ValidationRecordSpec) []string {
		names := []string{}
		for _, item := range items {
			names = append(names, item.Name)
		}
		return names
	}))
	ctx.Export("roots", bundle.Fingerprints().ApplyT(func(items []string) int { return len(items) }))
	return nil
}
