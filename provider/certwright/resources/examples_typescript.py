"""Examples for the schema's descriptions, in TypeScript; the tests compile them."""

TYPESCRIPT = {
    "Certificate": """\
import * as certwright from "pulumi-certwright";

const certificate = new certwright.Certificate("web", {
    domainName: "www.example.com",
    subjectAlternativeNames: ["api.example.com"],
});
""",
    "CertificateValidation": """\
import * as certwright from "pulumi-certwright";

const certificate = new certwright.Certificate("web", { domainName: "www.example.com" });
const validation = new certwright.CertificateValidation("web", { certificateArn: certificate.arn });
""",
    "ValidationRecord": """\
import * as pulumi from "@pulumi/pulumi";
import * as certwright from "pulumi-certwright";

const certificate = new certwright.Certificate("web", { domainName: "www.example.com" });
const option = certificate.domainValidationOptions[0];
const record = new certwright.ValidationRecord("web", {
    zone: "example.com",
    name: option.resourceRecordName,
    type: option.resourceRecordType,
    value: option.resourceRecordValue,
    rfc2136: {
        server: "192.0.2.53",
        keyName: "updater",
        keySecret: new pulumi.Config().requireSecret("tsigSecret"),
    },
});
""",
    "getCertificate": """\
import * as certwright from "pulumi-certwright";

export const arn = certwright.getCertificateOutput({ domain: "www.example.com", mostRecent: true }).arn;
""",
    "getTrustBundle": """\
import * as certwright from "pulumi-certwright";

export const roots = certwright.getTrustBundleOutput().pem;
""",
    "getValidationRecords": """\
import * as certwright from "pulumi-certwright";

export = async () => {
    const { records } = await certwright.getValidationRecords({ domainNames: ["example.com", "*.example.com"] });
    for (const record of records) {
        console.log(record.name, record.type, record.value);
    }
};
""",
}
