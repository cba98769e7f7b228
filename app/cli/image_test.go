package cli

import (
	"crypto/x509"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// image is the container image of the Dockerfile, with its file system in a folder.
type image struct {
	storage []string // buildah's own flags
	root    string
}

func TestTheImageRunsAsNobodyInAnEmptyFileSystem(t *testing.T) {
	needsImage(t)
	img := buildImage(t)
	img.hasSettings(t)
	if info, err := os.Stat(filepath.Join(img.root, "tmp")); err != nil || info.Mode()&os.ModeSticky == 0 || info.Mode().Perm() != 0o777 {
		t.Errorf("/tmp: %v, %v", info, err)
	}
	if out := img.run(t, "/statusd", "version"); !strings.Contains(out, "SQLite  3.") {
		t.Errorf("version: %s", out)
	}
	img.run(t, "/statusd", "workspace", "add", "Acme")
	img.run(t, "/statusd", "export", "-o", "/data/backup.tar")
	img.run(t, "/statusd", "restore", "/data/backup.tar", "--data", "/data/restored")
	server := httptest.NewServer(targets())
	defer server.Close()
	img.run(t, "/statusd", "healthcheck", "--url", server.URL)
	if out, err := img.try("/statusd", "healthcheck", "--url", server.URL+"/sick"); err == nil {
		t.Errorf("a sick server is healthy: %s", out)
	}
	img.run(t, "/cli.test", "-test.run=^TestRootsOfTrustAndTimeZonesAreInside$")
}

// It runs in the image too, where no file has any of it.
func TestRootsOfTrustAndTimeZonesAreInside(t *testing.T) {
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		t.Errorf("no authority is trusted: %v", err)
	}
	if _, err := time.LoadLocation("Europe/Istanbul"); err != nil {
		t.Error(err)
	}
}

// needsImage skips where an image cannot be built and run; in CI that is a failure.
func needsImage(t *testing.T) {
	t.Helper()
	missing := ""
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		missing = "root on Linux"
	}
	for _, tool := range []string{"buildah", "chroot"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = tool
		}
	}
	switch {
	case missing != "" && os.Getenv("CI") == "true":
		t.Fatalf("the image is not tested: %s is missing", missing)
	case missing != "":
		t.Skipf("the image is tested by root on Linux with buildah (missing: %q)", missing)
	}
}

func buildImage(t *testing.T) image {
	t.Helper()
	context := t.TempDir()
	for _, dir := range []string{"image/root", "image/owned"} {
		must(t, os.MkdirAll(filepath.Join(context, dir), 0o755))
	}
	must(t, os.Mkdir(filepath.Join(context, "image/root/tmp"), 0o777))
	must(t, os.Chmod(filepath.Join(context, "image/root/tmp"), 0o777|os.ModeSticky))
	must(t, os.Mkdir(filepath.Join(context, "image/owned/data"), 0o700))
	static(t, "build", "-o", filepath.Join(context, "image/root/statusd"), ".")
	must(t, os.WriteFile(filepath.Join(context, "Dockerfile"), secondStage(t), 0o600))

	storage := t.TempDir()
	img := image{storage: []string{"--root", storage + "/root", "--runroot", storage + "/run", "--storage-driver", "vfs"}}
	img.buildah(t, "bud", "--isolation", "chroot", "--format", "docker", "-t", "statusd-test", context)
	name := img.buildah(t, "from", "--pull-never", "statusd-test")
	t.Cleanup(func() { img.buildah(t, "umount", name) })
	img.root = img.buildah(t, "mount", name)
	static(t, "test", "-c", "-o", filepath.Join(img.root, "cli.test"), "./app/cli")
	return img
}

// secondStage is the part of the Dockerfile that makes the image; the first one needs a compiler from the network.
func secondStage(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../../Dockerfile")
	must(t, err)
	_, stage, ok := strings.Cut(string(text), "\nFROM scratch\n")
	if !ok {
		t.Fatal("the Dockerfile has no stage from scratch")
	}
	return []byte("FROM scratch\n" + strings.NewReplacer("--from=build ", "", " /image/", " image/").Replace(stage))
}

// static runs the go command in the module's root, for a program without C.
func static(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, out)
	}
}

func (i image) buildah(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("buildah", append(i.storage[:len(i.storage):len(i.storage)], args...)...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("buildah %v: %v\n%s", args, err, errors.String())
	}
	return strings.TrimSpace(string(out))
}

// hasSettings checks what the image says about itself.
func (i image) hasSettings(t *testing.T) {
	t.Helper()
	var inspected struct {
		Docker struct {
			Config struct {
				User         string
				Env          []string
				Entrypoint   []string
				Cmd          []string
				Volumes      map[string]struct{}
				ExposedPorts map[string]struct{}
				Healthcheck  struct{ Test []string }
				Labels       map[string]string
			} `json:"config"`
		}
	}
	must(t, json.Unmarshal([]byte(i.buildah(t, "inspect", "--type", "image", "statusd-test")), &inspected))
	c := inspected.Docker.Config
	_, volume := c.Volumes["/data"]
	_, port := c.ExposedPorts["8080/tcp"]
	for what, ok := range map[string]bool{
		"user":         c.User == "65532:65532",
		"data folder":  strings.Contains(strings.Join(c.Env, " "), "STATUSD_DATA=/data"),
		"entry point":  strings.Join(append(c.Entrypoint, c.Cmd...), " ") == "/statusd serve",
		"volume":       volume,
		"port":         port,
		"health check": strings.Join(c.Healthcheck.Test, " ") == "CMD /statusd healthcheck",
		"title":        c.Labels["org.opencontainers.image.title"] == "statusd",
	} {
		if !ok {
			t.Errorf("%s is not set as it should: %+v", what, c)
		}
	}
}

// inImage tells a test program that it runs inside, where there is not even /proc.
const inImage = "TEST_IN_IMAGE"

// try runs a program of the image as its user, with nothing but the image's files.
func (i image) try(args ...string) (string, error) {
	cmd := exec.Command("chroot", append([]string{"--userspec=65532:65532", i.root}, args...)...)
	cmd.Env = []string{"STATUSD_DATA=/data", inImage + "=yes"}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (i image) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := i.try(args...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
