"""What must outlive a restart, and un-registrations."""

import time

from digests import credentials, is_right
from rows import staged
from saying import ok, response


def counts_wrong_ones(password):
    """A registrar that knows this password, and how often another one was tried."""
    def answer(request, number):
        given = credentials(request)
        if given and is_right(given, request, password=password):
            return ok()(request, number)
        answer.wrong += given is not None
        return [response(request, 401, (f'WWW-Authenticate: Digest realm="field", nonce="r{number}", qop="auth"',))]

    answer.wrong = 0
    return answer


@staged("wrong-password-over-restarts", "§22.1", "1 wrong attempts in three lives, then registered with the right one")
def wrong_password_over_restarts(stage):
    """Each start asks at most without credentials."""
    answer = counts_wrong_ones("right")
    registrar = stage.registrar(answer)
    daemon = stage.daemon([stage.account("alice", registrar, password="wrong")])
    for _ in range(2):
        time.sleep(3)
        daemon.stop()
        daemon.start()
    time.sleep(3)
    wrong = answer.wrong
    daemon.stop()
    daemon.configure([stage.account("alice", registrar, password="right")], local_address_v4="127.0.0.1",
                     local_address_v6="off")
    daemon.start()
    time.sleep(3)
    state = daemon.account("alice")["state"]
    return f"{wrong} wrong attempts in three lives, then {state} with the right one"


@staged("password-file-of-windows", "practice", "registered")
def password_file_of_windows(stage):
    """A byte order mark before the password, CR LF behind it."""
    def answer(request, number):
        given = credentials(request)
        if given and is_right(given, request):
            return ok()(request, number)
        return [response(request, 401, ('WWW-Authenticate: Digest realm="field", nonce="w", qop="auth"',))]

    registrar = stage.registrar(answer)
    stage.folder.mkdir()
    file = stage.folder / "password"
    file.write_bytes(b"\xef\xbb\xbfsecret\r\n")
    file.chmod(0o600)
    account = stage.account("alice", registrar, password_file=str(file))
    del account["password"]
    daemon = stage.daemon([account])
    time.sleep(3)
    return daemon.account("alice")["state"]


@staged("no-downgrade-over-a-restart", "RFC 8760 §2.4", "MD5 was never answered")
def no_downgrade_over_a_restart(stage):
    """A realm that once took SHA-256-sess asks for MD5 after a restart: that is somebody else, or worse."""
    algorithm = "SHA-256-sess"

    def answer(request, number):
        given = credentials(request)
        if given is None or given.get("algorithm") != algorithm:
            return [response(request, 401, (
                f'WWW-Authenticate: Digest realm="field", nonce="d{number}", algorithm={algorithm}, qop="auth"',))]
        return ok()(request, number)

    registrar = stage.registrar(answer)
    daemon = stage.daemon([stage.account("alice", registrar)])
    daemon.wait_registered(1)
    time.sleep(1)
    daemon.kill()
    algorithm = "MD5"
    daemon.start()
    time.sleep(15)
    answered = [request for request in registrar.transactions()
                if (credentials(request) or {}).get("algorithm") == algorithm]
    return "MD5 was never answered" if not answered else f"{len(answered)} answers with MD5"


@staged("pause-meets-a-stale-nonce", "RFC 7616 §3.3", "paused, and the binding is removed")
def pause_meets_a_stale_nonce(stage):
    """The un-REGISTER is asked for other credentials twice."""
    removed = []

    def answer(request, number):
        if request.expires:
            return ok()(request, number)
        given = credentials(request)
        if given and given["nonce"] == "second":
            removed.append(request)
            return ok("-Contact")(request, number)
        return [response(request, 401, (
            'WWW-Authenticate: Digest realm="field", nonce="second", stale=true' if given else
            'WWW-Authenticate: Digest realm="field", nonce="first"',))]

    registrar = stage.registrar(answer)
    daemon = stage.daemon([stage.account("alice", registrar)])
    daemon.wait_registered(1)
    daemon.tell("pause", "alice")
    time.sleep(3)
    return f"{daemon.account('alice')['state']}, and the binding is {'removed' if removed else 'still there'}"
