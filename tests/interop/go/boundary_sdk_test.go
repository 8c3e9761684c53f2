// Package interop lets HashiCorp's own Go SDK, a client nobody here wrote, drive the dev server: what it accepts, a real
// Boundary client accepts. ctest runs it as interop_go with AGENT_DEV_SERVER naming the program.
package interop

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/boundary/api"
	"github.com/hashicorp/boundary/api/authmethods"
	"github.com/hashicorp/boundary/api/authtokens"
	"github.com/hashicorp/boundary/api/proxy"
	"github.com/hashicorp/boundary/api/sessions"
	"github.com/hashicorp/boundary/api/targets"
)

const (
	passwordMethod = "ampw_1234567890"
	target         = "ttcp_1234567890"
	project        = "p_1234567890"
	cutLimit       = 2500 * time.Millisecond
)

// startEcho listens on a free loopback port and sends back what it gets.
func startEcho(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

var apiListener = regexp.MustCompile(`addr: "(127\.0\.0\.1:\d+)".*purpose: "api"`)

// startDevServer runs the program on free ports and returns its controller's address.
func startDevServer(t *testing.T, targetPort int, more ...string) string {
	t.Helper()
	program := os.Getenv("AGENT_DEV_SERVER")
	if program == "" {
		t.Fatal("AGENT_DEV_SERVER must name the dev server's program; run this through ctest -R interop_go")
	}
	arguments := append([]string{"-api-listen-address", "127.0.0.1:0", "-proxy-listen-address", "127.0.0.1:0",
		"-target-default-port", strconv.Itoa(targetPort)}, more...)
	server := exec.Command(program, arguments...)
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server.Stdout, server.Stderr = writer, writer
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	writer.Close()
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGTERM)
		server.Wait()
	})
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(reader)
		for lines.Scan() { // to its end, so that the server never waits for us to read
			if match := apiListener.FindStringSubmatch(lines.Text()); match != nil {
				select {
				case found <- match[1]:
				default:
				}
			}
		}
	}()
	select {
	case address := <-found:
		return "http://" + address
	case <-time.After(10 * time.Second):
		t.Fatal("the dev server printed no api listener within 10 seconds")
		return ""
	}
}

func newClient(t *testing.T, address string) *api.Client {
	t.Helper()
	client, err := api.NewClient(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.SetAddr(address); err != nil {
		t.Fatal(err)
	}
	client.SetToken("")
	return client
}

// login returns a client that holds the token, and the token's id.
func login(t *testing.T, address, name string) (*api.Client, string) {
	t.Helper()
	client := newClient(t, address)
	result, err := authmethods.NewClient(client).Authenticate(t.Context(), passwordMethod, "login",
		map[string]any{"login_name": name, "password": "password"})
	if err != nil {
		t.Fatal(err)
	}
	token := new(authtokens.AuthToken)
	if err := jsonInto(result.Attributes, token); err != nil {
		t.Fatal(err)
	}
	if token.Token == "" || token.Id == "" {
		t.Fatalf("the answer to authenticate holds no token: %v", result.Attributes)
	}
	client.SetToken(token.Token)
	return client, token.Id
}

// startProxy listens on a free port for the session and returns the proxy and its address.
func startProxy(t *testing.T, ctx context.Context, authorizationToken string) (*proxy.ClientProxy, string) {
	t.Helper()
	carrier, err := proxy.New(ctx, authorizationToken,
		proxy.WithListenAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	go carrier.Start()
	waiting, done := context.WithTimeout(ctx, 10*time.Second)
	defer done()
	address := carrier.ListenerAddress(waiting)
	if address == "" {
		t.Fatal("api/proxy did not listen")
	}
	return carrier, address
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// speak sends one line and waits for its echo, so the connection is known to be up.
func speak(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := conn.Write([]byte("hello\n")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 6)
	if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "hello\n" {
		t.Fatalf("echo: %q, %v", answer, err)
	}
	conn.SetDeadline(time.Time{})
}

// requireCut fails unless the peer ends the connection within the limit.
func requireCut(t *testing.T, conn net.Conn, what string) {
	t.Helper()
	begin := time.Now()
	conn.SetReadDeadline(begin.Add(cutLimit))
	_, err := io.ReadAll(conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatalf("%s did not cut the connection within %v", what, cutLimit)
	}
	t.Logf("%s cut the connection after %v", what, time.Since(begin))
}

func TestLoginListAndPages(t *testing.T) {
	address := startDevServer(t, startEcho(t))
	client, tokenID := login(t, address, "admin")

	token, err := authtokens.NewClient(client).Read(t.Context(), tokenID)
	if err != nil || token.Item.UserId != "u_1234567890" {
		t.Fatalf("reading the own token: %v, %v", token, err)
	}

	list := targets.NewClient(client)
	whole, err := list.List(t.Context(), "global", targets.WithRecursive(true))
	if err != nil {
		t.Fatal(err)
	}
	page, err := list.List(t.Context(), "global", targets.WithRecursive(true), targets.WithPageSize(2),
		targets.WithClientDirectedPagination(true))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	pages := 0
	for {
		pages++
		if len(page.Items) > 2 {
			t.Fatalf("a page of %d items, 2 were asked for", len(page.Items))
		}
		for _, item := range page.Items {
			if seen[item.Id] {
				t.Fatalf("%s came twice", item.Id)
			}
			seen[item.Id] = true
		}
		if page.ResponseType == "complete" {
			break
		}
		if pages > 100 {
			t.Fatal("paging does not end")
		}
		if page, err = list.ListNextPage(t.Context(), page, targets.WithRecursive(true), targets.WithPageSize(2),
			targets.WithClientDirectedPagination(true)); err != nil {
			t.Fatal(err)
		}
	}
	if pages < 2 || len(seen) != len(whole.Items) || !seen[target] {
		t.Fatalf("%d pages held %d of %d targets", pages, len(seen), len(whole.Items))
	}

	filtered, err := list.List(t.Context(), project, targets.WithFilter(`"/item/id" == "`+target+`"`))
	if err != nil || len(filtered.Items) != 1 {
		t.Fatalf("the filter left %v, %v", filtered, err)
	}
}

func TestWrongPasswordAndUnknownTarget(t *testing.T) {
	address := startDevServer(t, startEcho(t))
	_, err := authmethods.NewClient(newClient(t, address)).Authenticate(t.Context(), passwordMethod, "login",
		map[string]any{"login_name": "admin", "password": "wrong"})
	if failure := api.AsServerError(err); failure == nil || failure.Response().StatusCode() != 401 {
		t.Fatalf("a wrong password: %v", err)
	}
	client, _ := login(t, address, "admin")
	_, err = targets.NewClient(client).AuthorizeSession(t.Context(), "ttcp_nosuchtarg")
	if failure := api.AsServerError(err); failure == nil || failure.Response().StatusCode() != 404 {
		t.Fatalf("an unknown target: %v", err)
	}
}

func TestFiftyMegabytesBothWaysThenCancel(t *testing.T) {
	address := startDevServer(t, startEcho(t))
	client, _ := login(t, address, "user")
	authorization, err := targets.NewClient(client).AuthorizeSession(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	reader := sessions.NewClient(client)
	session, err := reader.Read(t.Context(), authorization.Item.SessionId)
	if err != nil || session.Item.Status != "pending" {
		t.Fatalf("a session nobody has used: %+v, %v", session, err)
	}

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, local := startProxy(t, ctx, authorization.Item.AuthorizationToken)
	conn := dial(t, local)
	carry(t, conn, 50<<20)

	session, err = reader.Read(t.Context(), authorization.Item.SessionId)
	if err != nil || session.Item.Status != "active" || len(session.Item.Connections) != 1 {
		t.Fatalf("a session in use: %+v, %v", session, err)
	}

	speak(t, conn)
	canceled, err := reader.Cancel(t.Context(), authorization.Item.SessionId, 0, sessions.WithAutomaticVersioning(true))
	if err != nil || (canceled.Item.Status != "canceling" && canceled.Item.Status != "terminated") {
		t.Fatalf("cancel: %+v, %v", canceled, err)
	}
	requireCut(t, conn, "cancel")

	deadline := time.Now().Add(10 * time.Second)
	for {
		session, err = reader.Read(t.Context(), authorization.Item.SessionId)
		if err != nil {
			t.Fatal(err)
		}
		if session.Item.Status == "terminated" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("ten seconds after the cancel it is %s", session.Item.Status)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if session.Item.TerminationReason != "canceled" {
		t.Errorf("termination reason %q", session.Item.TerminationReason)
	}
	if got := session.Item.Connections[0].BytesUp; got < 50<<20 {
		t.Errorf("bytes up: %d, %d were sent", got, 50<<20)
	}
}

// carry sends random bytes and compares what comes back by hash.
func carry(t *testing.T, conn net.Conn, size int64) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(60 * time.Second))
	sent, received := sha256.New(), sha256.New()
	failed := make(chan error, 1)
	go func() {
		_, err := io.CopyN(io.MultiWriter(conn, sent), rand.Reader, size)
		failed <- err
	}()
	if _, err := io.CopyN(received, conn, size); err != nil {
		t.Fatalf("receiving: %v", err)
	}
	if err := <-failed; err != nil {
		t.Fatalf("sending: %v", err)
	}
	if string(sent.Sum(nil)) != string(received.Sum(nil)) {
		t.Fatal("what came back is not what was sent")
	}
	conn.SetDeadline(time.Time{})
}

func TestLogoutCancelsTheSessionsOfItsToken(t *testing.T) {
	address := startDevServer(t, startEcho(t))
	client, tokenID := login(t, address, "user")
	authorization, err := targets.NewClient(client).AuthorizeSession(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, local := startProxy(t, ctx, authorization.Item.AuthorizationToken)
	conn := dial(t, local)
	speak(t, conn)
	if _, err := authtokens.NewClient(client).Delete(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	requireCut(t, conn, "logout")
	if _, err := targets.NewClient(client).List(t.Context(), project); err == nil {
		t.Fatal("the deleted token still lists targets")
	}
}

func TestConnectionLimit(t *testing.T) {
	address := startDevServer(t, startEcho(t), "-target-session-connection-limit", "1")
	client, _ := login(t, address, "user")
	authorization, err := targets.NewClient(client).AuthorizeSession(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	carrier, local := startProxy(t, ctx, authorization.Item.AuthorizationToken)
	conn := dial(t, local)
	speak(t, conn)
	if left := carrier.ConnectionsLeft(); left != 0 {
		t.Fatalf("%d connections are left of one, and one is open", left)
	}
}
