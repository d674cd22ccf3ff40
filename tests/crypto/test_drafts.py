"""What lies in the clear for a moment does not outlive the process that needs it."""

import os
import signal
import time

import pytest

from aidtracker.crypto.drafts import YOUNG_SECONDS, forget_drafts, plain_draft


def grow_old(path):
    then = time.time() - YOUNG_SECONDS - 1
    os.utime(path, (then, then))


def test_a_draft_is_its_owners_alone_and_gone_at_the_end(tmp_path):
    with pytest.raises(ValueError), plain_draft(tmp_path, ".csv") as draft:
        assert (draft.suffix, draft.stat().st_mode & 0o777) == (".csv", 0o600)
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_a_draft_in_use_is_kept_however_long_it_takes(tmp_path):
    with plain_draft(tmp_path) as draft:
        draft.write_text("姓名")
        grow_old(draft)
        forget_drafts(tmp_path)
        assert draft.read_text() == "姓名"


def test_the_draft_of_a_killed_process_is_deleted(tmp_path):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with plain_draft(tmp_path) as draft:
            draft.write_text("姓名")
            os.write(writing, b"1")
            time.sleep(60)
        os._exit(0)
    os.read(reading, 1)
    (left,) = tmp_path.iterdir()
    grow_old(left)
    forget_drafts(tmp_path)
    assert left.exists()
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    forget_drafts(tmp_path)
    assert not left.exists()
