import hashlib
import hmac
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from repoask.errors import ConfigError
from repoask.service.tenancy import tenant_salt


def test_each_tenant_has_a_salt_of_its_own_that_stays(tmp_path: Path) -> None:
    one, again, other = (tenant_salt(name, folder=tmp_path) for name in ("one", "one", "other"))
    assert one == again != other
    secret = (tmp_path / "tenants.key").read_bytes()
    assert one == hmac.new(secret, b"one", hashlib.sha256).hexdigest()
    assert len(secret) == 32


def test_on_another_machine_it_is_another(tmp_path: Path) -> None:
    assert tenant_salt("one", folder=tmp_path / "a") != tenant_salt("one", folder=tmp_path / "b")


def test_no_tenant_has_none_and_makes_no_secret(tmp_path: Path) -> None:
    assert tenant_salt("", folder=tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_the_secret_is_its_users_alone(tmp_path: Path) -> None:
    tenant_salt("one", folder=tmp_path / "data")
    assert stat.S_IMODE((tmp_path / "data/tenants.key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_have_one_secret(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from repoask.service.tenancy import tenant_salt;"
        "print(tenant_salt('one', folder=pathlib.Path(sys.argv[1])))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    salts = {process.communicate(timeout=60)[0] for process in running}
    assert len(salts) == 1
    assert len(salts.pop()) == 65


def test_a_secret_that_is_none_is_not_replaced_in_silence(tmp_path: Path) -> None:
    (tmp_path / "tenants.key").write_bytes(b"short")
    with pytest.raises(ConfigError, match="not the 32 bytes"):
        tenant_salt("one", folder=tmp_path)
    assert (tmp_path / "tenants.key").read_bytes() == b"short"


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(ConfigError, match="cannot be read or made"):
        tenant_salt("one", folder=tmp_path / "data")
