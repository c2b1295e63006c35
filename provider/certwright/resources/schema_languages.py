"""What the schema says to each language's SDK generator."""

from typing import Any

from certwright import __version__

Json = dict[str, Any]
SDK_NAME = "pulumi-certwright"
GO_MODULE = "github.com/certwright/certwright/sdk/go"
OLDEST_PULUMI = "3.165.0"
OLDEST_PULUMI_IN_PYTHON = "3.235.0"  # what the provider asks for, which comes with the SDK
_README = """\
# {title}

{description} This is its SDK for {language}, generated from the provider's schema.

    {install}

{provider}
"""
_NEEDS_PROVIDER = "Programs also need the provider itself: `pip install certwright`, then `certwright pulumi install`."


def language_sections(description: str) -> Json:
    """Return the sections of the languages that have an SDK here."""
    return {"python": _python(description), "nodejs": _nodejs(description), "go": _go()}


def _readme(description: str, language: str, install: str, provider: str) -> str:
    return _README.format(
        title=SDK_NAME, description=description, language=language, install=install, provider=provider
    )


def _python(description: str) -> Json:
    install = f"pip install {SDK_NAME}"
    return {
        "packageName": "pulumi_certwright",
        "readme": _readme(description, "Python", install, "The provider comes with it."),
        "pythonRequires": ">=3.11",
        "requires": {"pulumi": f">={OLDEST_PULUMI_IN_PYTHON},<4.0.0", "certwright": f">={__version__}"},
        "respectSchemaVersion": True,
        "pyproject": {"enabled": True},
        "inputTypes": "classes-and-dicts",
    }


def _nodejs(description: str) -> Json:
    install = f"npm install {SDK_NAME}"
    return {
        "packageName": SDK_NAME,
        "packageDescription": description,
        "readme": _readme(description, "TypeScript and JavaScript", install, _NEEDS_PROVIDER),
        "dependencies": {"@pulumi/pulumi": f"^{OLDEST_PULUMI}"},
        "devDependencies": {"@types/node": "^18.0.0"},
        "typescriptVersion": "^5.0.0",
        "disableUnionOutputTypes": True,
        "respectSchemaVersion": True,
    }


def _go() -> Json:
    return {
        "importBasePath": f"{GO_MODULE}/certwright",
        "modulePath": GO_MODULE,
        "generateResourceContainerTypes": True,
        "pulumiSDKVersion": 3,
        "respectSchemaVersion": True,
    }
