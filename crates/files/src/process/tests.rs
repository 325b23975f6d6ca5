use super::{Outcome, Process, Unknown};
use crate::{Clock, Content, Meta, Node, Tree, User, entries};

/// A root with the tools as programs, `/etc/passwd` and a folder for all.
fn root() -> Tree {
    let meta = Meta::new(0o755, Clock::step(0).now());
    let mut tree = Tree::default();
    tree.make_folders("/bin", meta).unwrap();
    tree.make_folders("/etc", meta).unwrap();
    tree.put(
        "/tmp",
        Node::folder(Meta {
            mode: 0o1777,
            ..meta
        }),
    )
    .unwrap();
    for tool in [
        "sh",
        "echo",
        "cat",
        "mkdir",
        "cp",
        "mv",
        "rm",
        "ln",
        "chmod",
        "chown",
        "touch",
        "ls",
        "stat",
        "head",
        "grep",
        "sort",
        "env",
        "cut",
        "sed",
        "wc",
        "tr",
        "find",
        "xargs",
        "dirname",
        "test",
        "sha256sum",
        "id",
        "date",
        "true",
        "tee",
        "seq",
    ] {
        let program = Node::file(meta, Content::opaque(1, 1));
        tree.put(&format!("/bin/{tool}"), program).unwrap();
    }
    let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n";
    let file = Node::file(
        Meta {
            mode: 0o644,
            ..meta
        },
        Content::bytes(passwd.as_bytes()),
    );
    tree.put("/etc/passwd", file).unwrap();
    tree
}

fn process() -> Process {
    Process::new(root(), Clock::step(1))
}

fn output(script: &str) -> String {
    let Outcome { output, .. } = process().run(script).unwrap();
    String::from_utf8(output).unwrap()
}

fn layer(script: &str) -> Vec<String> {
    let mut process = process();
    process.run(script).unwrap();
    let entries = entries(&root(), &process.into_tree());
    entries.into_iter().map(|entry| entry.path).collect()
}

#[test]
fn commands_print_what_a_shell_would() {
    for (script, expected) in [
        ("echo a  b", "a b\n"),
        ("echo -n a; echo b", "ab\n"),
        ("A=1; echo \"[$A]${B-unset}\"", "[1]unset\n"),
        ("for x in a b; do echo $x; done | sort -r", "b\na\n"),
        ("if false; then echo no; else echo yes; fi", "yes\n"),
        ("false || echo or && echo and", "or\nand\n"),
        ("! true; echo $?", "1\n"),
        (
            "set -- a 'b c'; for x in \"$@\"; do echo \"<$x>\"; done",
            "<a>\n<b c>\n",
        ),
        ("x=$(echo a; echo b); echo $x; echo \"$x\"", "a b\na\nb\n"),
        ("case abc in x|a*) echo fits ;; esac", "fits\n"),
        (
            "i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done",
            "1\n2\n3\n",
        ),
        ("f() { echo \"f:$1\"; }; f x", "f:x\n"),
        ("cd /tmp && pwd", "/tmp\n"),
        ("echo x > /tmp/f; cat < /tmp/f", "x\n"),
        ("printf '%s-%d\\n' a 1 b 2", "a-1\nb-2\n"),
        ("echo b a | tr ' ' '\\n' | sort", "a\nb\n"),
        ("echo a.b.c | cut -d. -f1,3", "a.c\n"),
        ("printf 'ab\\ncd\\n' | grep -v '^a\\|^x'", "cd\n"),
        ("echo hello | sed 's/l\\(l\\)o/L\\1/'", "heLl\n"),
        (
            "v=file.tar.gz; echo ${v%.*} ${v%%.*} ${v#*.} ${#v}",
            "file.tar file tar.gz 11\n",
        ),
        (
            "echo -n abc | sha256sum",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n",
        ),
        ("(exit 3); echo $?", "3\n"),
        ("cat <<E\n$HOME\nE\n", "/root\n"),
        (
            "touch /tmp/b /tmp/a; echo /tmp/*; ls /tmp",
            "/tmp/a /tmp/b\na\nb\n",
        ),
        ("nosuch; echo $?", "/bin/sh: nosuch: not found\n127\n"),
        ("echo out; echo err >&2 2>/dev/null", "out\nerr\n"),
        ("seq 3 | xargs echo", "1 2 3\n"),
        (
            "false | true; echo $?; set -o pipefail; false | true; echo $?",
            "0\n1\n",
        ),
        (
            "set -u; echo ${X-unset}; echo $X; echo no",
            "unset\n/bin/sh: X: parameter not set\n",
        ),
        ("set -e; false; echo no", ""),
        (
            "set -e; if false; then :; fi; false || true; echo yes",
            "yes\n",
        ),
    ] {
        assert_eq!(output(script), expected, "{script}");
    }
}

#[test]
fn commands_leave_what_they_would_in_a_layer() {
    for (script, expected) in [
        (
            "mkdir -p /a/b && touch /a/b/c",
            vec!["/a", "/a/b", "/a/b/c"],
        ),
        ("echo x > /tmp/f", vec!["/tmp", "/tmp/f"]),
        ("echo x > /f && rm /f", vec![]),
        ("rm /etc/passwd", vec!["/etc", "/etc/.wh.passwd"]),
        ("chmod 755 /etc", vec![]),
        ("touch /etc/passwd", vec!["/etc", "/etc/passwd"]),
        ("mv /etc/passwd /p", vec!["/etc", "/etc/.wh.passwd", "/p"]),
        (
            "ln -s /etc /l && echo x > /l/x",
            vec!["/etc", "/etc/x", "/l"],
        ),
        ("chown -R app /etc", vec!["/etc", "/etc/passwd"]),
        ("head -c 10 /dev/zero > /z; cp /z /y", vec!["/y", "/z"]),
        (
            "mkdir /s && cp -r /etc /s/",
            vec!["/s", "/s/etc", "/s/etc/passwd"],
        ),
    ] {
        assert_eq!(layer(script), expected, "{script}");
    }
}

#[test]
fn a_user_may_not_write_what_is_not_theirs() {
    let user = crate::user(&root(), "app").unwrap();
    let mut process = process().as_user(user);
    assert_eq!(process.run("touch /etc/x").unwrap().code, 1);
    assert_eq!(
        process.run("touch /tmp/x && echo $HOME").unwrap().output,
        b"/home/app\n"
    );
    let user = crate::user(&root(), "app").unwrap();
    let mut tree = root();
    let meta = Meta::new(0o644, Clock::step(0).now());
    let secret = Meta::new(0o700, Clock::step(0).now());
    tree.make_folders("/root", secret).unwrap();
    for path in ["/root/x", "/tmp/x"] {
        tree.put(path, Node::file(meta, Content::bytes(*b"x")))
            .unwrap();
    }
    let mut other = Process::new(tree, Clock::step(1)).as_user(user);
    assert_eq!(other.run("cat /root/x").unwrap().code, 1);
    assert_eq!(other.run("rm /tmp/x").unwrap().code, 1);
    assert_eq!(other.run("cat /tmp/x").unwrap().code, 0);
    let nobody = User {
        uid: 4321,
        ..User::default()
    };
    let outcome = Process::new(root(), Clock::step(1))
        .as_user(nobody)
        .run("echo $HOME");
    assert_eq!(outcome.unwrap().output, b"/\n");
}

#[test]
fn what_is_not_known_is_said_to_be() {
    let unknown = |script: &str| process().run(script).unwrap_err();
    assert_eq!(unknown("date > /d"), Unknown("what `date` does".to_owned()));
    assert!(process().run("while true; do :; done").is_err());
    assert!(process().run("f() { f; }; f").is_err());
    assert!(process().run("cat /dev/urandom > /r").is_err());
}

#[test]
fn a_mount_is_seen_and_leaves_no_trace() {
    let meta = Meta::new(0o644, Clock::step(0).now());
    let mut process = process();
    let mount = crate::Mount {
        target: "/mnt/in/f".to_owned(),
        node: Node::file(meta, Content::bytes(*b"hi")),
        read_only: true,
    };
    let (outcome, left) = process
        .with_mounts(vec![mount], |process| {
            process.run("cat /mnt/in/f > /out; echo x > /mnt/in/f || echo $?")
        })
        .unwrap();
    assert_eq!(outcome.unwrap().output.last(), Some(&b'\n'));
    assert_eq!(left.len(), 1);
    let tree = process.into_tree();
    assert!(tree.at("/mnt").is_none());
    assert_eq!(
        tree.file("/out").unwrap().content.as_bytes(),
        Some(&b"hi"[..])
    );
}

#[test]
fn a_script_in_the_tree_runs_with_its_arguments() {
    let mut tree = root();
    let meta = Meta::new(0o755, Clock::step(0).now());
    let text = "#!/bin/sh\ncase \"$1\" in\n  go) shift; echo \"$#:$*\" ;;\nesac\n";
    tree.put(
        "/bin/tool",
        Node::file(meta, Content::bytes(text.as_bytes())),
    )
    .unwrap();
    let mut process = Process::new(tree, Clock::step(1));
    assert_eq!(process.run("tool go a b").unwrap().output, b"2:a b\n");
}

proptest::proptest! {
    #[test]
    fn no_script_makes_it_panic(script in "([a-z $<>|&;(){}\"'*/=-]|echo |cp |/etc|\n){0,40}") {
        let _ = process().run(&script);
    }
}
