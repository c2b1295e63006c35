"""Examples for the schema's descriptions, in Go; the tests compile them."""

_PROGRAM = """\
package main

import (
	"github.com/certwright/certwright/sdk/go/certwright"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"{imports}
)

func main() {{
	pulumi.Run(func(ctx *pulumi.Context) error {{
{body}	}})
}}
"""
_CERTIFICATE = """\
		certificate, err := certwright.NewCertificate(ctx, "web", &certwright.CertificateArgs{
			DomainName: pulumi.String("www.example.com"),
		})
		if err != nil {
			return err
		}
"""


def _program(body: str, *imports: str) -> str:
    return _PROGRAM.format(imports="".join(f'\n\t"{name}"' for name in imports), body=body)


GO = {
    "Certificate": _program("""\
		_, err := certwright.NewCertificate(ctx, "web", &certwright.CertificateArgs{
			DomainName:              pulumi.String("www.example.com"),
			SubjectAlternativeNames: pulumi.ToStringArray([]string{"api.example.com"}),
		})
		return err
"""),
    "CertificateValidation": _program(
        _CERTIFICATE
        + """\
		_, err = certwright.NewCertificateValidation(ctx, "web", &certwright.CertificateValidationArgs{
			CertificateArn: certificate.Arn,
		})
		return err
"""
    ),
    "ValidationRecord": _program(
        _CERTIFICATE
        + """\
		option := certificate.DomainValidationOptions.Index(pulumi.Int(0))
		_, err = certwright.NewValidationRecord(ctx, "web", &certwright.ValidationRecordArgs{
			Zone:  pulumi.String("example.com"),
			Name:  option.ResourceRecordName(),
			Type:  option.ResourceRecordType(),
			Value: option.ResourceRecordValue(),
			Rfc2136: &certwright.Rfc2136Args{
				Server:    pulumi.String("192.0.2.53"),
				KeyName:   pulumi.String("updater"),
				KeySecret: config.RequireSecret(ctx, "tsigSecret"),
			},
		})
		return err
""",
        "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config",
    ),
    "getCertificate": _program("""\
		found, err := certwright.LookupCertificate(ctx, &certwright.LookupCertificateArgs{
			Domain:     pulumi.StringRef("www.example.com"),
			MostRecent: pulumi.BoolRef(true),
		})
		if err != nil {
			return err
		}
		ctx.Export("arn", pulumi.String(found.Arn))
		return nil
"""),
    "getTrustBundle": _program("""\
		bundle, err := certwright.GetTrustBundle(ctx)
		if err != nil {
			return err
		}
		ctx.Export("roots", pulumi.String(bundle.Pem))
		return nil
"""),
    "getValidationRecords": _program("""\
		found, err := certwright.GetValidationRecords(ctx, &certwright.GetValidationRecordsArgs{
			DomainNames: []string{"example.com", "*.example.com"},
		})
		if err != nil {
			return err
		}
		for _, record := range found.Records {
			ctx.Export(record.Name, pulumi.String(record.Value))
		}
		return nil
"""),
}
