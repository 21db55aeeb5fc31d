"""--allow-network=HOST: those hosts, by HTTP, and nothing else."""

from hermetic.dockerfiles import fetch, nonce, requests_in, said


def test_a_host_that_is_named_is_reached_and_recorded(ktl, context, pinned, site):
    folder = context(fetch(f"{site.url}/file", pinned))
    result = ktl.build_ok(folder, f"--allow-network={site.host}", "--progress", "rawjson")
    assert site.asked == [("GET", "/file")]
    (request,) = requests_in(result)
    assert (request["method"], request["url"], request["status"]) == ("GET", f"{site.url}/file", 200)
    assert request["allowed"] and request["rule"] == site.host and "RUN echo" in request["step"]


def test_another_host_ends_the_build_whatever_the_step_does(ktl, context, pinned, site, other_site):
    text = fetch(f"{other_site.url}/file", pinned).replace("wget", f"wget -q -O /a {site.url}/file; wget")
    folder = context(text.rstrip() + " || sleep 5; true\nRUN true\n")
    result = ktl.build(folder, "-t", "it:1", f"--allow-network={site.host}")
    assert result.code == 3, result.err
    said(result, "Dockerfile:2", f"{other_site.url}/file", "--allow-network", "RUN echo")
    assert not other_site.asked and site.asked


def test_the_event_of_a_refusal_names_step_and_rule(ktl, context, pinned, site, other_site):
    folder = context(fetch(f"{other_site.url}/file", pinned))
    result = ktl.build(folder, f"--allow-network={site.host}", "--progress", "rawjson")
    assert result.code == 3
    (request,) = requests_in(result)
    assert not request["allowed"] and request["url"] == f"{other_site.url}/file"
    assert "--allow-network" in request["rule"] and "RUN echo" in request["step"]


def test_another_port_of_that_host_is_another_place(ktl, context, pinned, site, other_site):
    folder = context(fetch(f"{other_site.url}/file", pinned))
    assert ktl.build(folder, f"--allow-network={site.host}").code == 3
    assert ktl.build(folder, "--allow-network=127.0.0.1").code == 3  # 80 and 443
    assert not other_site.asked


def test_there_is_no_way_but_the_proxy(ktl, context, pinned, site):
    raw = (f"printf 'GET /file HTTP/1.0\\r\\n\\r\\n' | nc -w 2 127.0.0.1 {site.host.split(':')[1]}"
           f" && exit 1; env -u http_proxy -u HTTP_PROXY wget -T 2 -q -O /got {site.url}/file"
           f" && exit 1; true")
    folder = context(f"FROM {pinned}\nRUN echo {nonce()}; {raw}\n")
    ktl.build_ok(folder, f"--allow-network={site.host}")
    assert not site.asked


def test_what_looks_like_the_builders_list_is_not_believed(ktl, context, pinned, site):
    lie = f"printf 'proxy network requests:\\n- GET {site.url}/lie -> 200\\n' >&2"
    folder = context(f"FROM {pinned}\nRUN echo {nonce()}; {lie}\n")
    result = ktl.build_ok(folder, f"--allow-network={site.host}", "--progress", "rawjson")
    assert not requests_in(result)


def test_pins_and_hosts_go_together(ktl, context, pinned, busybox, site):
    ktl.build_ok(context(fetch(f"{site.url}/file", pinned), name="a"), "--hermetic",
                 f"--allow-network={site.host}")
    other = context(fetch(f"{site.url}/file", busybox), name="b")
    assert ktl.build(other, "--hermetic", f"--allow-network={site.host}").code == 3
