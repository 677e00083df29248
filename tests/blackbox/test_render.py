"""`digestd render`: exactly the bytes that the server sends."""

import re

import pytest

import sample
from smallweb import HOST, gemini, gopher, is_error_item, run

OTHERS = ["/robots.txt", "/files/dots.txt", "/files/binary.bin", "/entries/old-capsule", "/files/big.bin"]
REFUSED = ["/nothing", "/entries/withdrawn", "/entries/draft", "/entries/not-yet"]


def render(server, protocol, path, *options):
    return run("render", "-C", server.content, "--hostname", HOST, "-o", f"gopher_port={server.gopher_port}",
               "-o", f"gemini_port={server.gemini_port}", *options, protocol, path)


@pytest.mark.parametrize("path", sample.PAGES + OTHERS)
def test_what_is_served(server, path):
    done = render(server, "gopher", path)
    assert (done.returncode, done.stderr) == (0, b"") and done.stdout == gopher(server, path)
    done = render(server, "gemini", path)
    assert (done.returncode, done.stderr) == (0, b"") and done.stdout == gemini(server, path).raw


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_refused(server, path):
    """The error reply, as it would be served, and status 1."""
    done = render(server, "gopher", path)
    assert done.returncode == 1 and is_error_item(done.stdout) and done.stdout == gopher(server, path)
    done = render(server, "gemini", path)
    assert done.returncode == 1 and done.stdout == gemini(server, path).raw
    done = render(server, "text", path)
    assert done.returncode == 1 and done.stdout == b"" and path.encode() in done.stderr


def test_redirect(server):
    assert render(server, "gemini", "/latest").stdout == b"31 /latest/\r\n"


def test_text_with_dots(server):
    assert render(server, "gopher", "/files/dots.txt", "-o", "gopher_text_dots=1").stdout.endswith(b"\r\n.\r\n")


@pytest.mark.parametrize("path", sample.PAGES)
def test_text(server, path):
    done = render(server, "text", path)
    assert done.returncode == 0
    text = done.stdout.decode()
    assert text.endswith("\n") and "\r" not in text and "\t" not in text and "\x1b" not in text
    # The title, wrapped where it is long, and a line below it.
    assert re.match(r"(.+\n){1,8}={1,72}\n", text)
    prose = re.sub(r"(?m)^.*\n  [a-z]+:.*$", "", text)  # a link's label and its address are a line each
    assert all(len(line) <= 72 for line in prose.splitlines() if ":" not in line and line.isascii()), "wrapped"


def test_text_of_the_front_page(server):
    text = render(server, "text", "/").stdout.decode()
    assert "A Sample Digest\n===============\n" in text
    assert f"  gemini://{HOST}:{server.gemini_port}/entries/entry-12\n" in text


def test_default_ports_and_host(content):
    out = run("render", "-C", content, "gopher", "/about").stdout
    assert b"\tlocalhost\t70\r\n" in out and b"URL:gemini://localhost/about\t" in out
    assert b"=> gopher://localhost/1/about " in run("render", "-C", content, "gemini", "/about").stdout


def test_file_has_no_text_form(content):
    done = run("render", "-C", content, "text", "/files/binary.bin")
    assert done.returncode == 1 and done.stdout == b"" and done.stderr


def test_content_with_errors(tmp_path):
    (tmp_path / "digest.yaml").write_text("title: [\n")
    done = run("render", "-C", tmp_path, "gemini", "/")
    assert done.returncode == 1 and done.stdout == b"" and b"digest.yaml:" in done.stderr


def test_full_disk_is_noticed(content):
    with open("/dev/full", "wb") as full:
        done = run("render", "-C", content, "gemini", "/", capture_output=False, stdout=full)
    assert done.returncode != 0
