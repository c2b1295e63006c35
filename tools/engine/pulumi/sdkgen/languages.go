package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	gosdk "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

const tool = "certwright"

// languages has a generator for each language: file contents by path.
var languages = map[string]func(*schema.Package) (map[string][]byte, error){
	"python": generatePython,
	"nodejs": generateNodejs,
	"go":     generateGo,
}

// generatePython puts the README where the project file names it, and the licence as setuptools wants it.
func generatePython(pkg *schema.Package) (map[string][]byte, error) {
	files, err := python.GeneratePackage(tool, pkg, nil, nil)
	if err != nil {
		return nil, err
	}
	files["README.md"] = files["pulumi_"+pkg.Name+"/README.md"]
	files["pyproject.toml"], err = withExpression(files["pyproject.toml"], pkg.License)
	return files, err
}

// withExpression writes the licence as an expression: setuptools refuses the table that is generated from 2027 on.
func withExpression(project []byte, license string) ([]byte, error) {
	for _, change := range []struct{ old, new string }{
		{fmt.Sprintf("  [project.license]\n    text = %q\n", license), ""},
		{"[project]\n", fmt.Sprintf("[project]\n  license = %q\n", license)},
		{`requires = ["setuptools>=61.0"]`, `requires = ["setuptools>=77.0.3"]`},
	} {
		changed := bytes.Replace(project, []byte(change.old), []byte(change.new), 1)
		if bytes.Equal(changed, project) {
			return nil, fmt.Errorf("pyproject.toml is not generated with %q any more", change.old)
		}
		project = changed
	}
	return project, nil
}

// generateGo leaves the module file out, which is kept by hand: the generator's names a Pulumi too old for its code.
// Language hosts look for the plugin's name in the module's folder, not in the package's.
func generateGo(pkg *schema.Package) (map[string][]byte, error) {
	files, err := gosdk.GeneratePackage(tool, pkg, nil)
	if err != nil {
		return nil, err
	}
	delete(files, "go.mod")
	files["pulumi-plugin.json"] = files[pkg.Name+"/pulumi-plugin.json"]
	return files, nil
}

func generateNodejs(pkg *schema.Package) (map[string][]byte, error) {
	files, err := nodejs.GeneratePackage(tool, pkg, nil, nil, false, nil)
	if err != nil {
		return nil, err
	}
	files["package.json"], err = buildable(files["package.json"])
	return files, err
}

// manifest is a package.json; what is generated stays as it is.
type manifest struct {
	Name            json.RawMessage   `json:"name"`
	Version         json.RawMessage   `json:"version"`
	Description     json.RawMessage   `json:"description"`
	Keywords        json.RawMessage   `json:"keywords"`
	License         json.RawMessage   `json:"license"`
	Main            string            `json:"main"`
	Types           string            `json:"types"`
	Files           []string          `json:"files"`
	Engines         map[string]string `json:"engines"`
	Scripts         map[string]string `json:"scripts"`
	Dependencies    json.RawMessage   `json:"dependencies"`
	DevDependencies json.RawMessage   `json:"devDependencies"`
	Pulumi          json.RawMessage   `json:"pulumi"`
}

// buildable adds what makes the package build itself: npm runs `prepare` before it packs a package and when it links
// a package's folder, so that neither needs a command of its own.
func buildable(generated []byte) ([]byte, error) {
	var found manifest
	decoder := json.NewDecoder(bytes.NewReader(generated))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&found); err != nil {
		return nil, err
	}
	found.Main, found.Types, found.Files = "bin/index.js", "bin/index.d.ts", []string{"bin"}
	found.Engines = map[string]string{"node": ">=18"}
	found.Scripts = map[string]string{
		// The compiled package reads its version from a manifest beside it.
		"build":   `tsc && node -e "fs.copyFileSync('package.json', 'bin/package.json')"`,
		"prepare": "npm run build",
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	err := encoder.Encode(found)
	return text.Bytes(), err
}
