// Two certificates for a domain: records published, issue awaited, chain handed on.

import * as pulumi from "@pulumi/pulumi";
import * as certwright from "pulumi-certwright";

export = async () => {
    const domain = new pulumi.Config().require("domain");
    const names = [domain, `*.${domain}`, `shop.${domain}`];

    const web = new certwright.Certificate("web", { domainName: domain, subjectAlternativeNames: names.slice(1) });
    const api = new certwright.Certificate("api", {
        domainName: `api.${domain}`,
        keyAlgorithm: certwright.KeyAlgorithm.EcPrime256v1,
    });

    // Plain values, known before anything exists: a loop makes the records, with any DNS provider's resource.
    const { records } = await certwright.getValidationRecords({ domainNames: names });
    const published = records.map(
        ({ name, type, value }) => new certwright.ValidationRecord(name, { zone: domain, name, type, value }),
    );

    // The same from a certificate's outputs, for names that come from other resources.
    const option = api.domainValidationOptions[0];
    published.push(
        new certwright.ValidationRecord("api-record", {
            zone: domain,
            name: option.resourceRecordName,
            type: option.resourceRecordType,
            value: option.resourceRecordValue,
        }),
    );

    const validationRecordFqdns = published.map(record => record.fqdn);
    const issued = (name: string, certificate: certwright.Certificate) => {
        const validation = new certwright.CertificateValidation(name, {
            certificateArn: certificate.arn,
            validationRecordFqdns,
        });
        return {
            arn: validation.certificateArn,
            notAfter: validation.notAfter,
            certificate: validation.certificatePem,
            chain: validation.chainPem,
        };
    };

    return {
        web: issued("web", web),
        api: issued("api", api),
        records: published.map(({ name, type, value }) => ({ name, type, value })),
        trustBundle: (await certwright.getTrustBundle()).pem,
    };
};
