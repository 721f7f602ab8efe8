"""Scattering of one image, from the definition: sums over mirrored places, a complex filter at a time. Reads and writes JSON."""

import json
import sys

import numpy as np


def gabor(radius, sigma, angle, xi, slant):
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    form = turn @ np.diag([1, slant**2]) @ turn.T / (2 * sigma**2)
    decay = form[0, 0] * x * x + (form[0, 1] + form[1, 0]) * x * y + form[1, 1] * y * y
    wave = np.exp(1j * xi * (x * np.cos(angle) + y * np.sin(angle)))
    return slant / (2 * np.pi * sigma**2) * np.exp(-decay) * wave


def morlet(j, turn, angles):
    sigma, slant, angle = 0.8 * 2.0**j, 4 / angles, turn * np.pi / angles
    radius = int(np.ceil(3.125 * sigma / min(1, slant)))
    wave = gabor(radius, sigma, angle, 0.75 * np.pi / 2.0**j, slant)
    hill = gabor(radius, sigma, angle, 0, slant)
    return wave - wave.sum() / hill.sum() * hill


def gaussian(j):
    sigma = 0.8 * 2.0**j
    hill = gabor(int(np.ceil(4 * sigma)), sigma, 0, 0, 1).real
    return hill / hill.sum()


def mirrored(index, size):
    index = np.abs(index)
    return np.where(index >= size, 2 * (size - 1) - index, index)


def filtered(image, kernel, stride):
    height, width = image.shape
    radius = kernel.shape[0] // 2
    rows, columns = np.arange(0, height, stride), np.arange(0, width, stride)
    total = np.zeros((len(rows), len(columns)), complex)
    for dy in range(-radius, radius + 1):
        for dx in range(-radius, radius + 1):
            there = image[np.ix_(mirrored(rows + dy, height), mirrored(columns + dx, width))]
            total += kernel[dy + radius, dx + radius] * there
    return total


def scattering(image, scales, angles):
    def averaged(u, j):
        return filtered(u, gaussian(scales - 1 - j), 2 ** (scales - j)).real

    first = [
        (j, np.abs(filtered(image, morlet(j, turn, angles), 2**j))) for j in range(scales) for turn in range(angles)
    ]
    second = [
        averaged(np.abs(filtered(u, morlet(k - j, turn, angles), 2 ** (k - j))), k)
        for j, u in first
        for k in range(j + 1, scales)
        for turn in range(angles)
    ]
    return np.stack([averaged(image, 0), *(averaged(u, j) for j, u in first), *second])


asked = json.load(sys.stdin)
print(json.dumps(scattering(np.array(asked["image"]), asked["scales"], asked["angles"]).tolist()))
