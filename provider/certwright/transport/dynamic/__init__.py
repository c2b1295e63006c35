"""The resources as `pulumi.dynamic` ones: declared in the program, handled in the SDK's own provider process."""
