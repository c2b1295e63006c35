// Every resource and function with inputs of every kind, under a provider of its own.

import * as pulumi from "@pulumi/pulumi";
import * as certwright from "pulumi-certwright";

const config = new pulumi.Config();
const domain = config.require("domain");
const resolver = config.require("resolver");
const updates: certwright.types.input.Rfc2136Args = {
    server: "127.0.0.1",
    port: config.requireNumber("port"),
    keyName: "updater",
    keyAlgorithm: certwright.TsigAlgorithm.HmacSha256,
    keySecret: config.requireSecret("keySecret"),
};

const provider = new certwright.Provider("own", {
    account: "123456789012",
    resolvers: [resolver],
    preflight: true,
    rfc2136: updates,
    defaultTags: { team: "web" },
});
const own = { provider };

const certificate = new certwright.Certificate(
    "certificate",
    {
        domainName: domain,
        subjectAlternativeNames: [`*.${domain}`],
        validationMethod: certwright.ValidationMethod.Dns,
        keyAlgorithm: certwright.KeyAlgorithm.EcPrime256v1,
        issuer: "embedded",
        validity: { type: certwright.ValidityUnit.Days, value: 90 },
        options: { export: certwright.ExportOption.Enabled },
        earlyRenewalDuration: "P30D",
        keyRotation: certwright.KeyRotation.Never,
        renewalOutputs: certwright.RenewalOutputs.Follow,
        repin: "first",
        tags: { stage: "test" },
    },
    own,
);
const option = certificate.domainValidationOptions[0];
const record = new certwright.ValidationRecord(
    "record",
    {
        zone: domain,
        name: option.resourceRecordName,
        type: option.resourceRecordType,
        value: option.resourceRecordValue,
        ttl: 60,
    },
    own,
);
const issued = new certwright.CertificateValidation(
    "issued",
    { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
    own,
);
const found = certwright.getCertificateOutput(
    {
        domain: issued.certificateArn.apply(() => domain),
        statuses: [certwright.CertificateStatus.Issued],
        keyTypes: [certwright.KeyAlgorithm.EcPrime256v1],
        mostRecent: true,
    },
    own,
);
const records = certwright.getValidationRecordsOutput({ domainNames: [domain] }, own).records;
const bundle = certwright.getTrustBundleOutput(own);

export const arn: pulumi.Output<string> = certificate.arn;
export const foundArn: pulumi.Output<string> = found.arn;
export const names: pulumi.Output<string[]> = found.subjectAlternativeNames;
export const tags = found.tags;
export const recordNames = records.apply(items => items.map(item => item.name));
export const recordName: pulumi.Output<string> = record.name;
export const key: pulumi.Output<string | undefined> = issued.privateKeyPem;
export const roots = bundle.fingerprints.apply(items => items.length);
