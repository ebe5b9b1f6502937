#!/bin/sh
# The first program inside the node's namespaces: lays the node's root filesystem and moves into it.
#
#   enter.sh STATE ROOT KUBERNETES IMAGES GUEST LISTEN_FD
#
# All mounts are in this mount namespace, all that is written lies in memory: when the last process
# ends, nothing of either is left.
set -eu
state=$1 root=$2 kubernetes=$3 images=$4 guest=$5 listen_fd=$6

mount -t tmpfs -o mode=0755 node "$state/root"
cd "$state/root"
mkdir lower upper work tree
mount --bind "$root" lower
# Names without a path: a comma or a colon in one would be taken for the overlay's own.
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work node tree
cd tree

mount -t proc proc proc
# A new sysfs shows this network namespace; the old one would show the machine's devices.
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount -t tmpfs -o mode=0755 dev dev
for each in null zero full random urandom tty kmsg; do
    [ -e "/dev/$each" ] || continue
    : >"dev/$each"
    mount --bind "/dev/$each" "dev/$each"
done
mkdir dev/pts dev/shm dev/mqueue
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=0755 run run
# An overlay cannot lie on an overlay, and the snapshots of containerd are overlays.
for each in containerd kubelet etcd; do
    mkdir -p "var/lib/$each"
    mount -t tmpfs -o mode=0700 "$each" "var/lib/$each"
done

bind() { # source target options
    mkdir -p "$2"
    mount --bind "$1" "$2"
    mount -o "remount,bind,$3" "$2"
}
bind "$kubernetes" opt/kubernetes ro
bind "$images" opt/images ro
bind "$guest" opt/guest ro
bind "$state/config" etc/sandbox ro
bind "$state/logs" var/log/sandbox rw

# The kubelet sets these for the whole machine; here it writes to plain files instead.
for each in vm/overcommit_memory=1 kernel/panic=10 kernel/panic_on_oops=1 \
    kernel/keys/root_maxkeys=1000000 kernel/keys/root_maxbytes=25000000; do
    name=${each%=*} stand_in=run/sysctl-$(echo "${each%=*}" | tr / -)
    [ -e "proc/sys/$name" ] || continue
    echo "${each#*=}" >"$stand_in"
    mount --bind "$stand_in" "proc/sys/$name"
done

echo localhost >etc/hostname
printf '127.0.0.1\tlocalhost\n' >etc/hosts
: >etc/resolv.conf
hostname localhost

pivot_root . mnt
umount -l /mnt
mount --make-rshared /
exec /usr/bin/python3 -I -S /opt/guest/init.py "$listen_fd"
